"""Builders and fakes shared by tests."""
