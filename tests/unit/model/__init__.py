"""Tests of terminal.model."""
