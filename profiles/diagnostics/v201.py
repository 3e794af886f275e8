"""Diagnostics in 2.x: LogStatusNotification."""

from chargepoint.wire import v201 as wire
from profiles.diagnostics.facts import LogStatusReported
from profiles.mapping import Table, word

table = Table()


@table.sends(LogStatusReported, "LogStatusNotification")
def log(fact: LogStatusReported, _station: object) -> wire.LogStatusNotificationRequest:
    """N01, F06."""
    return wire.LogStatusNotificationRequest(status=word(fact.status), request_id=fact.request_id)
