"""Limits, halts and the only maker of approvals."""
