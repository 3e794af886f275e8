"""Functional block F, Remote control (1.6: RemoteStartTransaction, RemoteStopTransaction, UnlockConnector, TriggerMessage)."""
