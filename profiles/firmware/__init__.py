"""Firmware: what the station can fetch and install."""
