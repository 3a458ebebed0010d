"""Tests of terminal.core."""
