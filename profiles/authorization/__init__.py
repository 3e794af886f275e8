"""Functional block C, Authorization (1.6: Authorize, ClearCache)."""
