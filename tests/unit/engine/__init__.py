"""Tests of terminal.engine."""
