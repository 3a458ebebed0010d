"""Tests of the terminal and its window."""
