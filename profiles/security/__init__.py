"""Functional block A, Security (1.6: the security extension)."""
