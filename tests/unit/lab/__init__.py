"""Tests of terminal.hedging."""
