"""Functional block H, Reservation (1.6: ReserveNow, CancelReservation)."""
