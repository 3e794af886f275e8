"""Functional block G, Availability (1.6: StatusNotification, ChangeAvailability)."""
