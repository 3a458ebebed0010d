"""Tests of terminal.runtime."""
