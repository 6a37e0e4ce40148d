"""Billing tables, in the control schema (BILLING 4.1)."""
