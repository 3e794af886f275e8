"""Functional block P, DataTransfer."""
