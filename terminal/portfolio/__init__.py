"""Ledger, exposure and profit and loss."""
