"""Tests of Jupiter perpetuals."""
