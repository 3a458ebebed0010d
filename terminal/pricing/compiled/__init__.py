"""Pricing in compiled code: numba twins of the numpy kernels, imported late and never required."""
