"""Functional block N, Diagnostics, as far as uploads of logs go (1.6: DiagnosticsStatusNotification, LogStatusNotification)."""
