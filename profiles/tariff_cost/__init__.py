"""Functional block I, Tariff and cost."""
