"""The central system's side of OCPP 2.0.1."""

from __future__ import annotations

from ocpp.v201 import ChargePoint  # type: ignore[import-untyped]  # the package has no types

from chargepoint.csms.v2 import Handlers


class Station(Handlers, ChargePoint):  # type: ignore[misc]  # the package has no types
    """Answers one station."""
