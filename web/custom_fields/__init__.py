"""A tenant's own fields on pages and in the API."""
