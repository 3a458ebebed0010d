"""Tests of one floor at a time, by law first."""
