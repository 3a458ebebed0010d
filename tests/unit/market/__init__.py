"""Tests of terminal.market."""
