"""Tests of terminal.venues."""
