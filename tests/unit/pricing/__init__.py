"""Tests of terminal.pricing."""
