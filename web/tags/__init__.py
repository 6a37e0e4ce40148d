"""Tags: their page in the settings, the picker, the resource of the API."""
