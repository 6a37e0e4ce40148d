"""Saved views of lists: filters, order and columns under a name, for oneself, a team or everyone."""
