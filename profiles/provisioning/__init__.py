"""Functional block B, Provisioning (1.6: BootNotification, Heartbeat, GetConfiguration, ChangeConfiguration, Reset)."""
