"""Tests of terminal.pricing.fourier."""
