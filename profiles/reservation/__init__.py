"""Reservation: an EVSE kept for somebody."""
