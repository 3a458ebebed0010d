"""Tests of the hedge solver."""
