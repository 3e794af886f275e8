"""Boards: the power path of an EVSE."""
