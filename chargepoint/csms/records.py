"""What the central system knows about stations: who they are, how they are, what they have charged, what was said."""

from __future__ import annotations

import urllib.parse
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from chargepoint.redaction import redacted_frame

MESSAGES_KEPT = 10_000
"""Per station; older ones are forgotten."""

Direction = Literal["received", "sent"]


class Message(msgspec.Struct, frozen=True):
    """One message, as it was on the wire. wall: seconds since 1970 UTC."""

    wall: float
    station_id: str
    direction: Direction
    text: str

    @property
    def frame(self) -> list[Any] | None:
        """The JSON array; None when it is none."""
        try:
            frame = msgspec.json.decode(self.text)
        except msgspec.DecodeError:
            return None
        return frame if isinstance(frame, list) and frame else None

    def log_line(self) -> str:
        """A line of JSON for a log, secrets removed. What was no JSON is there as a string."""
        line = {
            "wall": self.wall,
            "station": self.station_id,
            "direction": self.direction,
            "message": msgspec.Raw(redacted_frame(self.text.encode())),
        }
        return msgspec.json.encode(line).decode()


class TransactionRecord(msgspec.Struct, kw_only=True):
    """A transaction, as far as it has been told. Energies are register values in Wh."""

    id: str
    evse_id: int
    connector_id: int
    id_token: str = ""
    started: str = ""
    ended: str = ""
    first_watt_hour: float | None = None
    last_watt_hour: float | None = None
    reason: str = ""
    charging_state: str = ""
    sequence: list[int] = []
    """2.x seqNo of every event that has come, repetitions included."""

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return not self.ended

    @property
    def energy_watt_hour(self) -> float:
        """What has been charged, as far as it has been told."""
        if self.first_watt_hour is None or self.last_watt_hour is None:
            return 0.0
        return self.last_watt_hour - self.first_watt_hour

    def register(self, watt_hour: float | None) -> None:
        """Take note of a register value; None = there was none."""
        if watt_hour is not None:
            self.last_watt_hour = watt_hour
            if self.first_watt_hour is None:
                self.first_watt_hour = watt_hour


class StationRecord:
    """A station, connected or not. statuses: (EVSE, connector) → status; 1.6 connectors are (connector, 0)."""

    def __init__(self, station_id: str) -> None:
        self.id = station_id
        self.version = ""
        self.connected = False
        self.connections = 0
        self.boot: dict[str, Any] = {}
        self.boot_status = ""
        self.last_seen = 0.0
        self.statuses: dict[tuple[int, int], str] = {}
        self.transactions: dict[str, TransactionRecord] = {}
        self.reports: dict[int, list[dict[str, Any]]] = {}
        self.events: list[dict[str, Any]] = []
        self.security_events: list[dict[str, Any]] = []
        self.firmware_status = ""
        self.log_status = ""
        self.unanswered: list[tuple[str, dict[str, Any]]] = []
        """2.1 SENDs, which nobody answers: (action, payload)."""
        self.messages: deque[Message] = deque(maxlen=MESSAGES_KEPT)
        self.transaction_of_message: dict[str, str] = {}
        """1.6: message id of a StartTransaction → what it was answered with, for those that are repeated."""

    @property
    def active_transactions(self) -> list[TransactionRecord]:
        """Those that have not ended."""
        return [transaction for transaction in self.transactions.values() if transaction.active]

    def requests(self, action: str | None = None) -> list[dict[str, Any]]:
        """The payloads of the station's CALLs, oldest first."""
        payloads = []
        for message in self.messages:
            frame = message.frame if message.direction == "received" else None
            if frame is not None and len(frame) == 4 and frame[0] == 2 and action in (None, frame[2]):
                payloads.append(frame[3])
        return payloads


_SCALES = {"Wh": 1.0, "kWh": 1000.0}
_NO_MEASURE: Mapping[str, Any] = {}


def register_watt_hour(
    meter_values: Iterable[Mapping[str, Any]],
    *,
    sampled_value: str = "sampled_value",
    unit_of_measure: str = "unit_of_measure",
) -> float | None:
    """The last reading of the imported energy register, in Wh, in meter values of any version.

    sampled_value, unit_of_measure: those two keys, in snake case or as they are on the wire.
    (1.6 §7.43 and 2.x MeterValueType: where a sample names no measurand, it is this one.)
    """
    found = None
    for meter_value in meter_values:
        for sample in meter_value.get(sampled_value, ()):
            if (
                sample.get("measurand", "Energy.Active.Import.Register") != "Energy.Active.Import.Register"
                or "phase" in sample
            ):
                continue
            measure = sample.get(unit_of_measure, _NO_MEASURE)
            unit = measure.get("unit") or sample.get("unit") or "Wh"
            try:
                found = float(sample["value"]) * _SCALES[unit] * 10.0 ** measure.get("multiplier", 0)
            except (KeyError, ValueError):
                continue  # a signed value, or nonsense: the message log has it
    return found


def station_of(path: str) -> str:
    """The identity that a path ends in."""
    return urllib.parse.unquote(path.partition("?")[0].rpartition("/")[2])
