"""Panels: one row type in, one command signal out."""
