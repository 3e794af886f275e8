"""Functional block E, Transactions (1.6: StartTransaction, StopTransaction, transaction-related MeterValues)."""
