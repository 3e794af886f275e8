"""What the figures of a run say went wrong between stations and CSMS, as sentences for the person who must act."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chargepoint.fleet.report.parts import csms_words
from chargepoint.fleet.report.words import by_word
from chargepoint.link.errors import Reason
from chargepoint.rpc.errors import Rejection
from chargepoint.station.facts import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chargepoint.fleet.measure.snapshot import Snapshot
    from chargepoint.fleet.report.parts import PartFigures

ACTIONS_LIMIT = 5
"""So many actions or CSMSs are named in a sentence; all of them are in the tables."""
FLOOD_SECOND = 10.0
"""More CALLs of the CSMS than that, to each station in each second of the run, are named."""
_CERTIFICATE = (
    "the stations do not trust the CSMS's certificate: name its CA in csms.ca_file, or put the certificate right"
)
_ADVICE: Mapping[Reason, str] = {
    Reason.NAME_UNRESOLVED: "the host name of csms.url is not known to this machine: check it, and its name server",
    Reason.UNREACHABLE: "there is no way to that address: check csms.url, routes and firewalls",
    Reason.REFUSED: "nobody listens at that address and port: is the CSMS running, and does it listen where csms.url says?",
    Reason.TIMED_OUT: (
        "nobody answered in time: check that csms.url names a CSMS; if it does, it accepts connections more slowly than they come (ramp "
        "more slowly, or give it more processes), or a firewall drops them"
    ),
    Reason.CLOSED: (
        "the connection broke before it was open: the CSMS or a proxy before it has a limit of connections, or, behind wss://, wants "
        "another certificate or version of TLS, or, behind ws://, speaks TLS at that port: see its log"
    ),
    Reason.UNAUTHORIZED: (
        "the CSMS refuses identity or password (HTTP 401): check the group's password, and that the CSMS knows its stations"
    ),
    Reason.FORBIDDEN: "the CSMS lets these stations not in (HTTP 403): allow their identities or this machine's address there",
    Reason.NOT_FOUND: "the CSMS knows no such path or station (HTTP 404): check the path of csms.url, and that the stations are known",
    Reason.REDIRECTED: "the CSMS is elsewhere (HTTP redirection), and stations do not follow: put the new address into csms.url",
    Reason.SERVER_ERROR: "the CSMS, or a proxy before it, is down or overloaded (HTTP 5xx): see its log; ramp more slowly",
    Reason.HTTP_STATUS: "the CSMS answers with a status of HTTP that is no WebSocket: see its log, and check csms.url",
    Reason.NOT_WEBSOCKET: "what listens there speaks no WebSocket: check host, port and path of csms.url",
    Reason.NO_SUBPROTOCOL: (
        "the CSMS speaks none of the OCPP versions offered: set template.NAME.csms.versions (--ocpp) to one that it speaks"
    ),
    Reason.SUBPROTOCOL_NOT_OFFERED: "the CSMS chose an OCPP version that was not offered: that is a defect of the CSMS",
    Reason.SERVER_CERTIFICATE_EXPIRED: "the CSMS's certificate has expired: renew it",
    Reason.SERVER_CERTIFICATE_UNTRUSTED: _CERTIFICATE,
    Reason.SERVER_CERTIFICATE_INVALID: _CERTIFICATE,
    Reason.SERVER_CERTIFICATE_HOST: "the CSMS's certificate is for another host name: use that name in csms.url, or renew it",
    Reason.CLIENT_CERTIFICATE_REFUSED: "the CSMS does not trust the stations' certificates: check the group's certificate and key",
    Reason.NOT_TLS: "what listens there speaks no TLS: write ws:// instead of wss:// in csms.url, or check the port",
    Reason.NO_PORT: "see the incidents",
    Reason.NO_DESCRIPTOR: "see the incidents",
}
_INVALID = f"{Failure.INVALID.value}: "
_OTHERWISE = "check [[csms]] and the credentials of the groups"


def unserved_of(total: Snapshot) -> str | None:
    """The sentence for a run in which no station was ever accepted; None = one was, or none has tried."""
    if total.boots or not (total.gauges.on or total.connects or total.unreachable):
        return None
    if not total.connects:
        if total.unreachable:
            often = max(total.unreachable, key=lambda word: total.unreachable[word])
            why = f"none could connect ({by_word(total.unreachable)}): {_advice(often)}"
        else:
            why = (
                "the run was over before any attempt to connect had succeeded or failed: a longer run says more, or does nobody answer at "
                "csms.url?"
            )
    elif (boots := total.total(["BootNotification"])).answered and not boots.failures:
        why = "the CSMS answered every BootNotification with Pending or Rejected: make the stations known to it"
    elif boots.answered:
        why = f"to BootNotifications the CSMS answered {_boot_answers(total)}: make the stations known to it, and see its log"
    else:
        said = f" ({_boot_answers(total)})" if boots.sent else ""
        why = f"they could connect, but got no valid answer to BootNotification{said}: see the log of the CSMS"
    return f"no station was ever accepted: {why}"


def deserted_of(total: Snapshot) -> str | None:
    """The sentence for a run at whose end no station had a connection, though the fleet kept them from none; None = one had."""
    gauges = total.gauges
    away = gauges.on - gauges.cut_off
    if not total.boots or gauges.connected or away <= 0:
        return None
    whose = f"the {_times(away, 'station')} that should" if away < gauges.stations else _times(away, "station")
    why = [
        f"{word} {by_word(counts)}"
        for word, counts in (("attempts failed:", total.unreachable), ("connections ended:", total.losses))
        if counts
    ]
    said = f" ({'; '.join(why)})" if why else ""
    return (
        f"the CSMS had no station any more: of {whose} none had a connection at the end{said}; see the log of the CSMS for why it was "
        "gone, or hung up"
    )


def findings_of(total: Snapshot, calls_second: float = 0.0, parts: Sequence[PartFigures] = ()) -> tuple[str, ...]:
    """Sentences with their figures; none for a run in which all went well.

    calls_second: CALLs of the CSMS, in each second of the run. parts: of the fleet, to say at which CSMS it was.
    """
    return (
        *_connecting(total, parts),
        *_messages(total),
        *_frames(total),
        *_flood(total, calls_second),
        *_losses(total),
        *_at_the_end(total),
    )


# --- one theme each -----------------------------------------------------------------------------------------------------------


def _connecting(total: Snapshot, parts: Sequence[PartFigures]) -> Iterable[str]:
    for word, count in sorted(total.unreachable.items(), key=lambda item: (-item[1], item[0])):
        yield f"{_times(count, 'attempt')} to connect failed ({word}{_at(word, parts)}): {_advice(word)}"


def _at(word: str, parts: Sequence[PartFigures]) -> str:
    """At which CSMS it was, where there are several."""
    names = {part.csms: csms_words(part) for part in parts}
    if len(names) < 2:
        return ""
    counts: Counter[str] = Counter()
    for part in parts:
        counts[names[part.csms]] += part.total.unreachable.get(word, 0)
    several = +counts
    if len(several) == 1:
        return f", all at {next(iter(several))}"
    return f"; {_some(several, 'CSMSs')}" if several else ""


def _messages(total: Snapshot) -> Iterable[str]:
    failures: dict[str, Counter[str]] = {}
    for action, figures in total.actions.items():
        for word, count in figures.failed.items():
            kind = Failure.INVALID.value if word.startswith(_INVALID) else word
            failures.setdefault(kind, Counter())[action] += count
    for kind, actions in sorted(failures.items(), key=lambda item: -item[1].total()):
        many = _times(actions.total(), "message")
        which = _some(actions)
        match kind:
            case Failure.TIMEOUT.value:
                yield (
                    f"{many} had no answer in time ({which}): the CSMS did not answer, or later than the stations' time limit "
                    "(OCPPCommCtrlr.MessageTimeout), after which they go on"
                )
            case Failure.LOST.value:
                yield f"{many} had no answer because the connection broke ({which}): of these, what is stored is sent again"
            case Failure.INVALID.value:
                yield (
                    f"{many} got an answer that breaks the schema of OCPP ({which}): that is a defect of the CSMS; --trace DIR writes "
                    "the frames down"
                )
            case code:
                yield f"{many} were refused by the CSMS with {code} ({which}): its log should say why"
    yield from _unanswered(total)
    if total.given_up:
        yield (
            f"{_times(sum(total.given_up.values()), 'stored message')} given up after the last attempt ({by_word(total.given_up)}): the "
            "CSMS will never have what they say"
        )
    if total.unsent:
        yield (
            f"{_times(sum(total.unsent.values()), 'message')} never sent ({by_word(total.unsent)}): asked for without a connection or "
            "before the CSMS had accepted the station, or dropped from a full queue"
        )


def _unanswered(total: Snapshot) -> Iterable[str]:
    overdue = Counter({action: figures.overdue for action, figures in total.actions.items() if figures.overdue})
    if overdue:
        yield (
            f"{_times(overdue.total(), 'message')} had no answer when the run had ended ({_some(overdue)}), the oldest was owed it "
            f"for {total.open_second:,.1f} s: the CSMS no longer answered, or not fast enough, or was gone; they count as errors, and "
            "in the latencies with the time that they had waited"
        )
    skipped = Counter({action: figures.skipped for action, figures in total.actions.items() if figures.skipped})
    if skipped:
        yield (
            f"{_times(skipped.total(), 'message')} left out, for the CSMS owed the answer to the one before, or was not there "
            f"({_some(skipped)}); they "
            "count in the latencies"
        )


def _frames(total: Snapshot) -> Iterable[str]:
    others = dict(total.rejected)
    late = others.pop(Rejection.LATE_ANSWER.value, 0)
    if late:
        yield f"{_times(late, 'answer')} of the CSMS came after the stations' time limit (OCPPCommCtrlr.MessageTimeout), and in vain"
    stray = others.pop(Rejection.STRAY_ANSWER.value, 0)
    if stray:
        yield (
            f"{_times(stray, 'answer')} of the CSMS to nothing that was asked: a second time, or with a wrong message id; that is a defect "
            "of the CSMS"
        )
    if others:
        yield (
            f"{_times(sum(others.values()), 'frame')} of the CSMS could not be used ({by_word(others)}): that is a defect of the CSMS; "
            "--trace DIR writes them down"
        )


def _flood(total: Snapshot, calls_second: float) -> Iterable[str]:
    stations = min(total.gauges.stations, total.connects)
    each = calls_second / stations if stations else 0.0
    if each > FLOOD_SECOND:
        which = _some(Counter(total.received))
        yield (
            f"the CSMS sent {each:,.0f} CALLs a second to each of {_times(stations, 'station')} on average ({which} in all): no real "
            "station keeps up with that; look for a loop in the CSMS that does not wait for answers"
        )


def _losses(total: Snapshot) -> Iterable[str]:
    if total.losses:
        yield (
            f"{_times(sum(total.losses.values()), 'connection')} ended, and not by the stations ({by_word(total.losses)}): the CSMS or a "
            "proxy closed them, or (1006) the network or the process behind them went away; stations come back with increasing waits"
        )


def _at_the_end(total: Snapshot) -> Iterable[str]:
    gauges = total.gauges
    away, waiting = gauges.on - gauges.connected - gauges.cut_off, gauges.connected - gauges.accepted
    if away > 0:
        cut = f"; {gauges.cut_off:,} more were cut off by this fleet" if gauges.cut_off else ""
        yield f"{away:,} of {gauges.on:,} stations that were on had no connection at the end{cut}"
    if waiting > 0:
        said = _boot_answers(total)
        yield (
            f"{waiting:,} of {gauges.connected:,} stations with a connection were not accepted at the end: "
            + (f"to BootNotifications the CSMS answered {said}" if said else "they have sent no BootNotification yet")
        )


def _boot_answers(total: Snapshot) -> str:
    """What came in the run instead of Accepted, and how often."""
    boots = total.total(["BootNotification"])
    said: Counter[str] = Counter()
    said["Pending or Rejected"] = boots.answered - total.boots
    said["nothing yet"] = boots.sent - boots.done
    for word, count in boots.failed.items():
        match Failure.INVALID.value if word.startswith(_INVALID) else word:
            case Failure.TIMEOUT.value:
                said["nothing in time"] += count
            case Failure.LOST.value:
                said["nothing before the connection broke"] += count
            case Failure.INVALID.value:
                said["what breaks the schema of OCPP"] += count
            case code:
                said[f"CALLERROR {code.removeprefix('CALLERROR ')}"] += count
    return _some(+said, "answers")


def _advice(word: str) -> str:
    return next((advice for reason, advice in _ADVICE.items() if reason.value == word), _OTHERWISE)


def _times(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _some(counts: Counter[str], what: str = "actions") -> str:
    named = by_word(dict(counts.most_common(ACTIONS_LIMIT)))
    more = len(counts) - ACTIONS_LIMIT
    return f"{named} and {more} more {what}" if more > 0 else named
