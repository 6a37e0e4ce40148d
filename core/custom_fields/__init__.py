"""Fields that a tenant defines for its own records: definitions as rows, values in each record's `custom`."""
