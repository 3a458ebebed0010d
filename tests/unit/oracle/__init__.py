"""Tests of terminal.oracle."""
