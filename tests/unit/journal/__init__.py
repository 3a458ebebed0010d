"""Tests of terminal.journal."""
