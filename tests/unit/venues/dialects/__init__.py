"""Tests of the dialects of the exchanges."""
