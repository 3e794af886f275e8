"""A dialect takes and renders by its tables, and survives what is wrong with them."""

import sys
from types import ModuleType
from typing import Any, ClassVar

import msgspec
import pytest

from chargepoint.dialects import dialect as dialect_module
from chargepoint.dialects.dialect import Dialect, load
from chargepoint.station.command import Command, CommandError, Respond, Unanswered
from chargepoint.station.facts import Fact
from chargepoint.station.policy import POLICY_16
from chargepoint.wire import v16
from profiles.mapping import Table


class Happened(Fact, frozen=True, kw_only=True):
    """Something that 1.6 can tell."""

    vendor: str = "v"


class Unspeakable(Fact, frozen=True, kw_only=True):
    """Something that this table does not have."""


class Fetch(Command, frozen=True, kw_only=True):
    """What the CSMS asks for."""

    what: str


class Ignore(Command, frozen=True, kw_only=True):
    """What no service takes."""


class Station:
    """Takes `Fetch` as the test says; a turn is nothing to a dialect."""

    taken: ClassVar[list[str]] = []
    unwilling: Exception | None = None

    def admit(self) -> None:
        if self.unwilling is not None:
            raise self.unwilling

    def handles(self, kind: type[Command]) -> bool:
        return kind is Fetch

    def execute(self, command: Fetch, respond: Respond) -> None:
        match command.what:
            case "refused":
                raise CommandError("SecurityError", "no")
            case "look-up":
                raise KeyError(command.what)
            case "late":
                self.respond = respond
            case "twice":
                respond("Accepted")
                respond("Rejected")
            case "then fail":
                respond("Accepted")
                raise CommandError("GenericError", "too late")
            case _:
                respond(command.what)


class Answers:
    """What the CSMS gets."""

    def __init__(self) -> None:
        self.got: list[Any] = []

    def respond(self, message: msgspec.Struct) -> None:
        self.got.append(message)

    def refuse(self, code: str, description: str) -> None:
        self.got.append((code, description))


@pytest.fixture
def dialect() -> Dialect:
    table = Table()

    @table.sends(Happened, "DataTransfer", lambda response, fact, _: (response.status, fact.vendor))
    def happened(fact: Happened, _: Any) -> v16.DataTransferRequest | None:
        return v16.DataTransferRequest(vendor_id=fact.vendor) if fact.vendor else None

    def reply(result: str, request: v16.DataTransferRequest, _: Any) -> v16.DataTransferResponse:
        if result == "inexpressible":
            raise CommandError("NotSupported", "1.6 cannot say it")
        if result == "broken":
            raise ZeroDivisionError
        return v16.DataTransferResponse(status="Accepted", data=f"{request.vendor_id}: {result}")

    @table.receives("DataTransfer", Fetch, reply)
    def fetch(request: v16.DataTransferRequest, _: Any) -> Fetch:
        if request.vendor_id == "unwelcome":
            raise CommandError("PropertyConstraintViolation", "vendorId: not you")
        if request.vendor_id == "broken":
            raise ZeroDivisionError
        return Fetch(what=request.vendor_id)

    table.receives("ClearCache", Ignore, lambda *_: v16.ClearCacheResponse(status="Accepted"))(
        lambda _request, _station: Ignore()
    )
    return Dialect("1.6", table, POLICY_16)


@pytest.fixture
def answers() -> Answers:
    return Answers()


def take(dialect: Dialect, answers: Answers, vendor: str, station: Station | None = None) -> list[Any]:
    request = v16.DataTransferRequest(vendor_id=vendor)
    dialect.take("DataTransfer", request, station or Station(), answers.respond, answers.refuse)  # type: ignore[arg-type]  # a stand-in
    return answers.got


def test_a_fact_becomes_an_action_and_a_message(dialect: Dialect) -> None:
    assert dialect.render(Happened(), None) == ("DataTransfer", v16.DataTransferRequest(vendor_id="v"))  # type: ignore[arg-type]  # needs no station
    assert dialect.sends(Happened)


def test_there_may_be_nothing_to_tell(dialect: Dialect) -> None:
    assert dialect.render(Happened(vendor=""), None) is None  # type: ignore[arg-type]  # needs no station
    assert dialect.render(Unspeakable(), None) is None  # type: ignore[arg-type]  # needs no station
    assert not dialect.sends(Unspeakable)


def test_a_response_becomes_what_the_mapping_makes_of_it(dialect: Dialect) -> None:
    response = v16.DataTransferResponse(status="Accepted")
    assert dialect.answer(Happened(vendor="x"), response, None) == ("Accepted", "x")  # type: ignore[arg-type]  # needs no station


def test_a_request_becomes_a_command_and_its_result_the_response(dialect: Dialect, answers: Answers) -> None:
    assert take(dialect, answers, "news") == [v16.DataTransferResponse(status="Accepted", data="news: news")]


def test_a_result_may_come_later(dialect: Dialect, answers: Answers) -> None:
    station = Station()
    assert take(dialect, answers, "late", station) == []
    station.respond("at last")
    assert answers.got == [v16.DataTransferResponse(status="Accepted", data="late: at last")]


def test_a_command_error_becomes_its_code(dialect: Dialect, answers: Answers) -> None:
    take(dialect, answers, "refused")
    take(dialect, answers, "unwelcome")
    take(dialect, answers, "inexpressible")
    assert answers.got == [
        ("SecurityError", "no"),
        ("PropertyConstraintViolation", "vendorId: not you"),
        ("NotSupported", "1.6 cannot say it"),
    ]


@pytest.mark.parametrize("action", ["DataTransfer", "Reset", "SetVariables"])
def test_what_a_csms_may_not_ask_is_refused_or_not_even_answered(
    dialect: Dialect, answers: Answers, action: str
) -> None:
    """2.x B03.FR.08; 1.6 §4.2: whatever it asks."""
    station = Station()
    station.unwilling = Unanswered()
    dialect.take(action, v16.DataTransferRequest(vendor_id="news"), station, answers.respond, answers.refuse)  # type: ignore[arg-type]  # a stand-in
    assert answers.got == []
    station.unwilling = CommandError("SecurityError", "rejected")
    dialect.take(action, v16.DataTransferRequest(vendor_id="news"), station, answers.respond, answers.refuse)  # type: ignore[arg-type]  # a stand-in
    assert answers.got == [("SecurityError", "rejected")]


def test_what_this_station_does_not_do_is_not_supported(dialect: Dialect, answers: Answers) -> None:
    """OCPP-J 1.6 §4.2.3; 2.x part 4 §4.3."""
    for action, request in (("ClearCache", v16.ClearCacheRequest()), ("Reset", v16.ResetRequest(type="Soft"))):
        dialect.take(action, request, Station(), answers.respond, answers.refuse)  # type: ignore[arg-type]  # a stand-in
    assert answers.got == [
        ("NotSupported", "this station does not support ClearCache"),
        ("NotSupported", "this station does not support Reset"),
    ]


def test_what_the_version_does_not_have_is_not_implemented(dialect: Dialect, answers: Answers) -> None:
    dialect.take("SetVariables", v16.ClearCacheRequest(), Station(), answers.respond, answers.refuse)  # type: ignore[arg-type]  # a stand-in
    assert answers.got == [("NotImplemented", "OCPP 1.6 has no SetVariables")]


@pytest.mark.parametrize("where", ["broken", "look-up"])
def test_a_defect_is_an_internal_error_and_never_mistaken_for_what_is_not_supported(
    dialect: Dialect, answers: Answers, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    ((code, description),) = take(dialect, answers, where)
    assert code == "InternalError"
    assert "DataTransfer" in description
    assert "Traceback" in caplog.text


def test_a_defect_in_a_reply_that_comes_later_is_an_internal_error(
    dialect: Dialect, answers: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    station = Station()
    take(dialect, answers, "late", station)
    station.respond("broken")
    assert answers.got[0][0] == "InternalError"
    assert "ZeroDivisionError" in caplog.text


def test_the_first_answer_is_the_only_one(dialect: Dialect, answers: Answers, caplog: pytest.LogCaptureFixture) -> None:
    take(dialect, answers, "twice")
    assert answers.got == [v16.DataTransferResponse(status="Accepted", data="twice: Accepted")]
    assert "DataTransfer is answered twice" in caplog.text
    take(dialect, answers, "then fail")
    assert len(answers.got) == 2
    assert "failed after it was answered: GenericError: too late" in caplog.text


def test_a_dialect_is_loaded_when_it_is_spoken_and_once(monkeypatch: pytest.MonkeyPatch, dialect: Dialect) -> None:
    module = ModuleType("chargepoint.dialects.v99")
    module.dialect = lambda: dialect  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "chargepoint.dialects.v99", module)
    monkeypatch.setitem(dialect_module._MODULES, "9.9", "v99")
    assert load("9.9") is dialect
    monkeypatch.delattr(module, "dialect")
    assert load("9.9") is dialect
    load.cache_clear()


def test_a_version_that_there_is_not_is_named() -> None:
    with pytest.raises(ValueError, match=r"OCPP '1\.5' is none of 1\.6, 2\.0\.1, 2\.1"):
        load("1.5")


def test_a_dialect_says_what_it_is(dialect: Dialect) -> None:
    assert repr(dialect) == "Dialect('1.6')"
