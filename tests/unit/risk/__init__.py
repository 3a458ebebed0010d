"""Tests of terminal.risk."""
