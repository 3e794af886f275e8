"""Durable state of one station: in memory only, or written through to a SQLite file. (`chargepoint.station.ports.Store`)"""
