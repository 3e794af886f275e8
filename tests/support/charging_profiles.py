"""Charging profiles in the words of each version, and what a central system asks of them. EVSEs have one connector each."""

from datetime import UTC, datetime
from typing import Any

from tests.support.bench import Bench

NOW = "now"
"""The start of a schedule: the present second."""


def timestamp(second: float) -> str:
    """A time as a central system writes it."""
    return datetime.fromtimestamp(int(second), UTC).isoformat().replace("+00:00", "Z")


def profile(
    bench: Bench,
    *limits: tuple[int, float],
    profile_id: int = 1,
    purpose: str = "TxDefaultProfile",
    kind: str = "Absolute",
    unit: str = "A",
    level: int = 0,
    phases: int | None = None,
    duration: int | None = None,
    start: float | str | None = NOW,
    recurrence: str | None = None,
    valid_from: float | None = None,
    valid_to: float | None = None,
    transaction: str | int | None = None,
    schedule: dict[str, Any] | None = None,
    **others: Any,
) -> dict[str, Any]:
    """A profile; times are in seconds from now. limits: (startPeriod, limit). schedule, others: what else it says, or says otherwise."""
    old = bench.version == "1.6"
    if start == NOW:
        start = None if kind == "Relative" else 0.0

    def at(offset: float | None) -> str | None:
        return None if offset is None else timestamp(bench.wall() + offset)

    periods = [_some(startPeriod=begin, limit=limit, numberPhases=phases) for begin, limit in limits]
    plan = _some(
        id=None if old else 1,
        duration=duration,
        startSchedule=start if isinstance(start, str) else at(start),
        chargingRateUnit=unit,
        chargingSchedulePeriod=periods,
    )
    plan.update(schedule or {})
    if old and purpose == "ChargingStationMaxProfile":
        purpose = "ChargePointMaxProfile"
    found = _some(
        stackLevel=level,
        chargingProfilePurpose=purpose,
        chargingProfileKind=kind,
        recurrencyKind=recurrence,
        validFrom=at(valid_from),
        validTo=at(valid_to),
        transactionId=transaction,
        chargingSchedule=plan if old else [plan],
    )
    found["chargingProfileId" if old else "id"] = profile_id
    return {**found, **others}


def _some(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def transaction_of(bench: Bench, evse_id: int = 1) -> str | int:
    """The running transaction, as the central system names it."""
    transaction = bench.station.evses[evse_id - 1].transaction
    assert transaction is not None
    if bench.version == "1.6":
        assert transaction.csms_id is not None
        return transaction.csms_id
    return transaction.id


def offer(bench: Bench, evse_id: int, found: dict[str, Any]) -> Any:
    """The central system sets a profile; returns the answer."""
    if bench.version == "1.6":
        return bench.call("SetChargingProfile", connectorId=evse_id, csChargingProfiles=found)
    return bench.call("SetChargingProfile", evseId=evse_id, chargingProfile=found)


def install(bench: Bench, evse_id: int, *limits: tuple[int, float], **fields: Any) -> dict[str, Any]:
    """A profile is set and accepted; returns it."""
    found = profile(bench, *limits, **fields)
    answer = offer(bench, evse_id, found)
    assert answer.error is None, answer
    assert answer["status"] == "Accepted", answer
    return found


def clear(bench: Bench, **fields: Any) -> str:
    """ClearChargingProfile; profile_id, evse_id, purpose, level."""
    names = {"evse_id": "evseId", "purpose": "chargingProfilePurpose", "level": "stackLevel"}
    if bench.version == "1.6":
        names |= {"evse_id": "connectorId", "profile_id": "id"}
        if fields.get("purpose") == "ChargingStationMaxProfile":
            fields["purpose"] = "ChargePointMaxProfile"
        answer = bench.call("ClearChargingProfile", {names[name]: value for name, value in fields.items()})
    else:
        payload: dict[str, Any] = {}
        if "profile_id" in fields:
            payload["chargingProfileId"] = fields.pop("profile_id")
        if fields:
            payload["chargingProfileCriteria"] = {names[name]: value for name, value in fields.items()}
        answer = bench.call("ClearChargingProfile", payload)
    return str(answer["status"])


def composite(bench: Bench, evse_id: int = 1, duration: int = 300, unit: str | None = "A") -> list[tuple[int, float]]:
    """(startPeriod, limit) of the composite schedule."""
    answer = ask_composite(bench, evse_id, duration, unit)
    assert answer.error is None, answer
    assert answer["status"] == "Accepted", answer
    plan = answer["chargingSchedule" if bench.version == "1.6" else "schedule"]
    assert plan["duration"] == duration
    if unit is not None:
        assert plan["chargingRateUnit"] == unit
    if bench.version == "1.6":
        assert answer["connectorId"] == evse_id
        assert answer["scheduleStart"] == timestamp(bench.wall())
    else:
        assert plan["evseId"] == evse_id
        assert plan["scheduleStart"] == timestamp(bench.wall())
    return [(period["startPeriod"], period["limit"]) for period in plan["chargingSchedulePeriod"]]


def ask_composite(bench: Bench, evse_id: int, duration: int, unit: str | None) -> Any:
    """GetCompositeSchedule; returns the answer."""
    payload: dict[str, Any] = {"duration": duration}
    if unit is not None:
        payload["chargingRateUnit"] = unit
    payload["connectorId" if bench.version == "1.6" else "evseId"] = evse_id
    return bench.call("GetCompositeSchedule", payload)


def reported(bench: Bench, evse_id: int | None = None, **criteria: Any) -> list[tuple[int, dict[str, Any]]]:
    """(EVSE, profile) of a report of profiles, 2.x; empty when there is none. Only the last part says that it is the last."""
    bench.csms.requests[:] = [r for r in bench.csms.requests if r.action != "ReportChargingProfiles"]
    place = {} if evse_id is None else {"evseId": evse_id}
    answer = bench.call("GetChargingProfiles", place, requestId=5, chargingProfile=criteria)
    if answer["status"] == "NoProfiles":
        bench.expect_none("ReportChargingProfiles")
        return []
    assert answer["status"] == "Accepted"
    found = []
    while True:
        part = bench.expect("ReportChargingProfiles", requestId=5, chargingLimitSource="CSO")
        found += [(part["evseId"], one) for one in part["chargingProfile"]]
        if not part["tbc"]:
            bench.expect_none("ReportChargingProfiles")
            return found


def ids(found: list[tuple[int, dict[str, Any]]]) -> list[int]:
    """Which profiles were reported."""
    return sorted(one["id"] for _evse_id, one in found)
