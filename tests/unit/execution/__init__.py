"""Tests of terminal.execution."""
