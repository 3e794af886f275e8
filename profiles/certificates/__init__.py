"""Functional block M: which roots the station trusts, as far as the CSMS decides it."""
