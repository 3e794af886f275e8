"""Diagnostics in 1.6: DiagnosticsStatusNotification, and LogStatusNotification of the security extension."""

from chargepoint.wire import v16 as wire
from profiles.diagnostics.facts import DiagnosticsStatusReported, LogStatusReported
from profiles.mapping import Table, word

table = Table()


@table.sends(DiagnosticsStatusReported, "DiagnosticsStatusNotification")
def diagnostics(fact: DiagnosticsStatusReported, _station: object) -> wire.DiagnosticsStatusNotificationRequest:
    """1.6 §4.4."""
    return wire.DiagnosticsStatusNotificationRequest(status=word(fact.status))


@table.sends(LogStatusReported, "LogStatusNotification")
def log(fact: LogStatusReported, _station: object) -> wire.LogStatusNotificationRequest:
    """1.6 security extension N01."""
    return wire.LogStatusNotificationRequest(status=word(fact.status), request_id=fact.request_id)
