"""Connector locks."""
