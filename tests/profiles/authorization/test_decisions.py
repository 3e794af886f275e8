"""Who is asked about a token, and whether it may charge: every state of knowledge, with and without the central system (C10, C12–C15)."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.profiles.authorization.drivers import CARD, at, cache_token, charges, info, list_token, refusals
from tests.support.bench import Bench
from tests.support.csms import NO_ANSWER

PRE = {"LocalPreAuthorize": True}
NO_PRE = {"LocalPreAuthorize": False}
STRANGERS = {"AuthCtrlr.OfflineTxForUnknownIdEnabled": True}
NOT_OFFLINE = {"LocalAuthorizeOffline": False}
NEVER_ASK = {"AuthCtrlr.DisableRemoteAuthorization": True}
NO_POST_LIST = {"LocalAuthListCtrlr.DisablePostAuthorize": True}
NO_POST_CACHE = {"AuthCacheCtrlr.DisablePostAuthorize": True}
NO_CACHE = {"AuthCacheCtrlr.Enabled": False}


def know(bench: Bench, what: str) -> None:
    """Bring the station to know something of the card."""
    for one in what.split("+"):
        match one:
            case "nothing":
                pass
            case "list accepted":
                list_token(bench, CARD)
            case "list blocked":
                list_token(bench, CARD, status="Blocked")
            case "list lapsed":
                list_token(bench, CARD, cacheExpiryDateTime=at(bench, 60))
            case "list lasting":
                list_token(bench, CARD, cacheExpiryDateTime=at(bench, 6000))
            case "cache accepted":
                cache_token(bench, CARD)
            case "cache blocked":
                cache_token(bench, CARD, status="Blocked")
            case "cache lapsed":
                cache_token(bench, CARD, cacheExpiryDateTime=at(bench, 60))
            case _:
                raise AssertionError(one)
    bench.run(100)
    bench.csms.forget()
    bench.events.clear()


class Row(NamedTuple):
    """known: what the station knows. asks: whether it asks. The central system accepts whatever it is asked."""

    known: str
    variables: dict[str, object]
    asks: bool
    charges: bool
    requirements: tuple[str, ...] = ()


ONLINE = [
    Row("nothing", PRE, True, True, ("C01.FR.02",)),
    Row("nothing", NEVER_ASK, False, False),
    Row("list accepted", PRE, False, True, ("C14.FR.02", "C14.FR.04", "C13.FR.03", "C01.FR.05")),
    Row("list lasting", PRE, False, True, ("C14.FR.04",)),
    Row("list accepted", NO_PRE, True, True, ("C01.FR.05",)),
    Row("list accepted", {**NO_PRE, **NEVER_ASK}, False, True),
    Row("list blocked", PRE, True, True, ("C14.FR.03",)),
    Row("list blocked", {**PRE, **NO_POST_LIST}, False, False, ("C14.FR.03",)),
    Row("list blocked", {**PRE, **NO_POST_CACHE}, True, True),
    Row("list blocked", {**PRE, **NEVER_ASK}, False, False),
    Row("list lapsed", PRE, True, True, ("C14.FR.05",)),
    Row("list lapsed", {**PRE, **NO_POST_LIST}, True, True, ("C14.FR.05",)),
    Row("list lapsed", {**PRE, **NEVER_ASK}, False, False),
    Row("cache accepted", PRE, False, True, ("C12.FR.02", "C12.FR.04", "C01.FR.05")),
    Row("cache accepted", NO_PRE, True, True, ("C10.FR.11",)),
    Row("cache accepted", {**NO_PRE, **NEVER_ASK}, False, True),
    Row("cache blocked", PRE, True, True, ("C10.FR.03", "C12.FR.05")),
    Row("cache blocked", {**PRE, **NO_POST_CACHE}, False, False, ("C10.FR.03", "C12.FR.05")),
    Row("cache blocked", {**PRE, **NO_POST_LIST}, True, True),
    Row("cache lapsed", PRE, True, True, ("C10.FR.13",)),
    Row("cache lapsed", {**PRE, **NO_POST_CACHE}, True, True, ("C10.FR.13",)),
    Row("cache accepted+list blocked", {**PRE, **NO_POST_LIST}, False, False, ("C14.FR.01",)),
    Row("cache blocked+list accepted", PRE, False, True, ("C14.FR.01",)),
    Row("cache accepted+list lapsed", PRE, True, True, ("C14.FR.01", "C14.FR.05")),
]
OFFLINE = [
    Row("nothing", {}, False, False, ("C13.FR.02", "C13.FR.05")),
    Row("nothing", STRANGERS, False, True, ("C13.FR.04", "C13.FR.06", "C15.FR.08")),
    Row("nothing", {**STRANGERS, **NEVER_ASK}, False, True),
    Row("list accepted", {}, False, True, ("C13.FR.02", "C13.FR.05")),
    Row("list lasting", {}, False, True, ("C13.FR.05",)),
    Row("list accepted", NO_PRE, False, True, ("C13.FR.02",)),
    Row("list accepted", NOT_OFFLINE, False, False),
    Row("list accepted", {**NOT_OFFLINE, **STRANGERS}, False, True, ("C13.FR.04", "C13.FR.06")),
    Row("list blocked", {}, False, False, ("C13.FR.02",)),
    Row("list blocked", STRANGERS, False, False, ("C13.FR.04",)),
    Row("list lapsed", {}, False, False, ("C13.FR.05",)),
    Row("list lapsed", STRANGERS, False, False, ("C13.FR.06",)),
    Row("cache accepted", {}, False, True),
    Row("cache accepted", NOT_OFFLINE, False, False),
    Row("cache blocked", STRANGERS, False, False),
    Row("cache lapsed", STRANGERS, False, False, ("C10.FR.13",)),
    Row("cache accepted+list blocked", STRANGERS, False, False, ("C13.FR.01",)),
    Row("cache blocked+list accepted", {}, False, True, ("C13.FR.01",)),
]


def rows(table: list[Row]) -> list[object]:
    return [
        pytest.param(
            row,
            id=f"{row.known} {' '.join(f'{name}={value}' for name, value in row.variables.items())}",
            marks=[pytest.mark.req(requirement) for requirement in row.requirements],
        )
        for row in table
    ]


def set_variables(bench: Bench, variables: dict[str, object]) -> None:
    """As the central system does, after what was to be known is known."""
    paths = {
        "LocalPreAuthorize": "AuthCtrlr.LocalPreAuthorize",
        "LocalAuthorizeOffline": "AuthCtrlr.LocalAuthorizeOffline",
    }
    for name, value in variables.items():
        component, _, variable = paths.get(name, name).partition(".")
        answer = bench.call(
            "SetVariables",
            setVariableData=[
                {
                    "component": {"name": component},
                    "variable": {"name": variable},
                    "attributeValue": str(value).lower(),
                }
            ],
        )
        assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted", (name, answer)


@pytest.mark.parametrize("row", rows(ONLINE))
def test_online(version2: str, make_bench: Callable[..., Bench], row: Row) -> None:
    bench = make_bench(version2)
    know(bench, row.known)
    set_variables(bench, row.variables)
    bench.plug_in()
    assert charges(bench) is row.charges
    assert [request["idToken"]["idToken"] for request in bench.csms.of("Authorize")] == [CARD] * row.asks
    assert bool(refusals(bench)) is (not row.charges)


@pytest.mark.parametrize("row", rows(OFFLINE))
def test_offline(version2: str, make_bench: Callable[..., Bench], row: Row) -> None:
    bench = make_bench(version2)
    know(bench, row.known)
    set_variables(bench, row.variables)
    bench.disconnect()
    bench.plug_in()
    assert charges(bench) is row.charges
    bench.csms.forget()
    bench.connect()
    bench.run(3)
    assert not bench.csms.of("Authorize")
    assert bool([e for e in bench.csms.of("TransactionEvent") if e.get("idToken")]) is row.charges


@pytest.mark.req("C01.FR.02")
@pytest.mark.parametrize(
    "status",
    [
        "Blocked",
        "ConcurrentTx",
        "Expired",
        "Invalid",
        "NoCredit",
        "NotAllowedTypeEVSE",
        "NotAtThisLocation",
        "NotAtThisTime",
        "Unknown",
    ],
)
def test_every_status_but_accepted_refuses(version2: str, make_bench: Callable[..., Bench], status: str) -> None:
    bench = make_bench(version2)
    bench.csms.tokens[CARD] = info(status)
    bench.plug_in()
    assert not charges(bench)
    assert refusals(bench) == [status]


@pytest.mark.req("C01.FR.01")
@pytest.mark.req("C06.FR.01")
def test_no_energy_without_authorization(version: str, make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(version)
    bench.plug_in()
    bench.run(3600)
    assert not bench.evse().contactor_closed
    assert bench.evse().imported_watt_hour == 0


def test_without_authorization_everybody_charges(version: str, make_bench: Callable[..., Bench]) -> None:
    """AuthCtrlr.Enabled false: by plugging in alone; a token that is presented first is told, and not asked about."""
    bench = make_bench(version, variables={"AuthCtrlr.Enabled": False})
    bench.plug_in()
    bench.run(5)
    assert bench.evse().contactor_closed
    bench.unplug()
    bench.run(5)
    bench.csms.forget()
    bench.tap(CARD)
    bench.plug_in()
    bench.run(5)
    assert bench.evse().contactor_closed
    assert not bench.csms.of("Authorize")
    told = bench.csms.of("StartTransaction" if version == "1.6" else "TransactionEvent")
    assert any(CARD in str(request.payload) for request in told)


# --- the central system does not answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "strangers", "expected"), [(True, False, True), (False, False, False), (False, True, True)]
)
def test_silence_counts_as_being_offline(
    version2: str, make_bench: Callable[..., Bench], known: bool, strangers: bool, expected: bool
) -> None:
    bench = make_bench(version2, variables={**NO_PRE, "AuthCtrlr.OfflineTxForUnknownIdEnabled": strangers})
    if known:
        cache_token(bench, CARD)
    bench.csms.handlers["Authorize"] = lambda _csms, _payload: NO_ANSWER
    bench.plug_in()
    bench.tap(CARD)
    bench.run(60)
    assert bench.evse().contactor_closed is expected


def test_a_connection_that_breaks_while_asking_counts_as_being_offline(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    bench = make_bench(version2, variables=NO_PRE)
    cache_token(bench, CARD)
    bench.csms.handlers["Authorize"] = lambda _csms, _payload: NO_ANSWER
    bench.plug_in()
    bench.tap(CARD)
    bench.run(1)
    assert not bench.evse().contactor_closed
    bench.disconnect()
    bench.run(5)
    assert bench.evse().contactor_closed


def test_an_error_of_the_central_system_lets_no_stranger_charge(
    version2: str, make_bench: Callable[..., Bench]
) -> None:
    """It is there, so nothing is offline: OfflineTxForUnknownIdEnabled does not count; what the station knows itself does."""
    from ocpp.exceptions import InternalError

    bench = make_bench(version2, variables={**NO_PRE, **STRANGERS})
    cache_token(bench, CARD)
    bench.csms.handlers["Authorize"] = lambda _csms, _payload: InternalError("database is down")
    bench.plug_in()
    assert not charges(bench, "STRANGER")
    assert charges(bench, CARD)


@pytest.mark.req("C01.FR.04")
@pytest.mark.req("C06.FR.03")
def test_nothing_but_the_presentation_of_a_token_is_a_reason_to_ask(
    version: str, make_bench: Callable[..., Bench]
) -> None:
    """A whole session, with an outage and a restart of the connection in it: one token is presented once, and asked about once."""
    bench = make_bench(version)
    bench.plug_in()
    assert charges(bench)
    bench.run(1200)
    bench.disconnect()
    bench.run(600)
    bench.connect()
    bench.run(600)
    bench.tap(CARD)
    bench.run(10)
    bench.unplug()
    bench.run(60)
    assert len([request for request in bench.csms.log if request.action == "Authorize"]) == 1
