"""The device model's core: definitions, texts, limits, what a station keeps of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.station.device_model.address import ComponentName, UnknownName, VariableName, locate
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.service import Service, guards, watches
from chargepoint.station.variables import (
    Attribute,
    Catalogue,
    DataType,
    InvalidValue,
    Mutability,
    RefusalReason,
    Scope,
    Variable,
    Variables,
    decode_value,
    encode_value,
)
from chargepoint.store.memory import MemoryStore

NUMBER = Variable("Tank", "Level", DataType.INTEGER, 5, minimum=-3, maximum=10, key16="TankLevel")
RATIO = Variable("Tank", "Ratio", DataType.DECIMAL, 0.5, minimum=0.0, maximum=1.0)
NAME = Variable("Tank", "Name", DataType.STRING, "one", minimum=1, maximum=8)
COLOUR = Variable("Tank", "Colour", DataType.OPTION_LIST, "red", values=("red", "green"))
PARTS = Variable("Tank", "Parts", DataType.MEMBER_LIST, (), values=("lid", "tap", "leg"), maximum=7)
ORDER = Variable("Tank", "Order", DataType.SEQUENCE_LIST, ("lid",), values=("lid", "tap", "leg"))
SINCE = Variable("Tank", "Since", DataType.DATE_TIME, "")
FULL = Variable("Tank", "Full", DataType.BOOLEAN, False)
SOCKET = Variable("Socket", "Label", DataType.STRING, "", scope=Scope.CONNECTOR)
MOOD = Variable("Tank", "Mood", DataType.STRING, "calm", volatile=True)
WEIGHT = Variable("Tank", "Weight", DataType.DECIMAL, 0.0, value_of=lambda station, _evse, _connector: station.weight)
ALL = (NUMBER, RATIO, NAME, COLOUR, PARTS, ORDER, SINCE, FULL, SOCKET, MOOD, WEIGHT)


class Shape:
    """What the device model asks of a station: its EVSEs, and what it measures."""

    def __init__(self) -> None:
        self.weight = 1.25
        self.evses = tuple(
            Evse(n, tuple(Connector(c, 2 * n - 2 + c, "sType2", fixed_cable=False, has_lock=True) for c in (1, 2)))
            for n in (1, 2)
        )
        self.taking: tuple[Service, ...] = ()

    def services(self) -> tuple[Service, ...]:
        return self.taking


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def variables(store: MemoryStore) -> Variables:
    return Variables(Catalogue(ALL), store, Shape())


def reopened(store: MemoryStore, *, catalogue: Catalogue | None = None) -> tuple[Variables, list[str]]:
    """The values after a restart, and what was refused of them."""
    variables = Variables(catalogue or Catalogue(ALL), store, Shape())
    return variables, variables.load()


# --- texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (12.0, "12"),
        (0.1 + 0.2, "0.3"),
        (-0.0000001, "0"),
        (1e15, "1000000000000000"),
        (1e-6, "0.000001"),
        ((), ""),
        (("a", "b"), "a,b"),
        (None, ""),
        ("text", "text"),
    ],
)
def test_a_value_as_text(value: object, text: str) -> None:
    assert encode_value(value) == text


@given(st.floats(-1e15, 1e15, allow_nan=False))
def test_a_decimal_is_written_without_exponent_and_reads_back(number: float) -> None:
    text = encode_value(number)
    assert "e" not in text.lower()
    assert decode_value(Variable("A", "B", DataType.DECIMAL, 0.0), text) == round(number, 6)


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        (NUMBER, " +7 ", 7),
        (NUMBER, "-3", -3),
        (RATIO, ".25", 0.25),
        (RATIO, "1e-1", 0.1),
        (FULL, "True", True),
        (COLOUR, "GREEN", "green"),
        (PARTS, "Lid , TAP", ("lid", "tap")),
        (PARTS, "lid,lid,tap", ("lid", "tap")),
        (PARTS, " ", ()),
        (ORDER, "tap,lid", ("tap", "lid")),
        (SINCE, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        (SINCE, "", ""),
        (NAME, " x ", " x "),
    ],
)
def test_a_text_as_value(variable: Variable[Any], text: str, value: object) -> None:
    decoded = decode_value(variable, text)
    assert decoded == value
    assert type(decoded) is type(value)


@pytest.mark.parametrize(
    ("variable", "text", "reason"),
    [
        (NUMBER, "-4", RefusalReason.OUT_OF_RANGE),
        (NUMBER, "11", RefusalReason.OUT_OF_RANGE),
        (NUMBER, "1.0", RefusalReason.INVALID_VALUE),
        (RATIO, "1.000001", RefusalReason.OUT_OF_RANGE),
        (RATIO, "nan", RefusalReason.INVALID_VALUE),
        (RATIO, "inf", RefusalReason.INVALID_VALUE),
        (RATIO, "0_1", RefusalReason.INVALID_VALUE),
        (RATIO, "0,5", RefusalReason.INVALID_VALUE),
        (FULL, "1", RefusalReason.INVALID_VALUE),
        (COLOUR, "blue", RefusalReason.INVALID_VALUE),
        (PARTS, "lid,wheel", RefusalReason.INVALID_VALUE),
        (PARTS, "lid,,tap", RefusalReason.INVALID_VALUE),
        (PARTS, "lid,tap,leg", RefusalReason.OUT_OF_RANGE),
        (NAME, "", RefusalReason.OUT_OF_RANGE),
        (NAME, "123456789", RefusalReason.OUT_OF_RANGE),
        (SINCE, "2026-01-01", RefusalReason.INVALID_VALUE),
        (SINCE, "yesterday", RefusalReason.INVALID_VALUE),
    ],
)
def test_a_text_that_breaks_a_limit(variable: Variable[Any], text: str, reason: RefusalReason) -> None:
    with pytest.raises(InvalidValue) as caught:
        decode_value(variable, text)
    assert caught.value.reason is reason


def test_a_check_of_its_own() -> None:
    def even(value: int) -> None:
        if value % 2:
            raise ValueError("expected an even number")

    pairs = Variable("A", "B", DataType.INTEGER, 2, check=even)
    assert decode_value(pairs, "4") == 4
    with pytest.raises(InvalidValue, match="expected an even number"):
        decode_value(pairs, "5")


# --- values ------------------------------------------------------------------------------------------------------------


def test_what_was_never_set_is_the_default(variables: Variables) -> None:
    assert variables.get(NUMBER) == 5
    assert variables.text(ORDER) == "lid"


def test_what_is_derived_follows_its_source(variables: Variables) -> None:
    assert variables.get(WEIGHT) == 1.25
    variables._station.weight = 2.5
    assert variables.text(WEIGHT) == "2.5"


def test_a_value_has_a_place(variables: Variables) -> None:
    variables.set(SOCKET, "left", 1, 2)
    assert variables.get(SOCKET, 1, 2) == "left"
    assert variables.get(SOCKET, 2, 2) == ""
    assert list(variables.places(Scope.CONNECTOR)) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert list(variables.places(Scope.EVSE)) == [(1, 0), (2, 0)]
    assert list(variables.places(Scope.STATION)) == [(0, 0)]
    assert variables.place_of(3) == (2, 1)
    assert variables.place_of(5) is None
    assert variables.number_of(2, 2) == 4


def test_who_watches_is_told_after_the_change(variables: Variables) -> None:
    seen: list[tuple[str, int, int]] = []
    for _ in range(2):
        variables.watch(
            SOCKET, lambda evse, connector: seen.append((variables.get(SOCKET, evse, connector), evse, connector))
        )
    variables.set(SOCKET, "left", 1, 2)
    variables.set(NAME, "two")
    assert seen == [("left", 1, 2)] * 2


def test_a_guard_is_asked_before(variables: Variables) -> None:
    def guard(value: int, evse_id: int, connector_id: int) -> None:
        if value > variables.get(NUMBER):
            raise InvalidValue("only downwards")

    variables.guard(NUMBER, guard)
    assert variables.parse(NUMBER, "4") == 4
    with pytest.raises(InvalidValue, match="only downwards"):
        variables.parse(NUMBER, "6")


class TankService(Service):
    """Follows a variable and guards two, as the services of functional blocks do."""

    __slots__ = ("seen",)

    def __init__(self, station: Shape) -> None:
        super().__init__(station)
        self.seen: list[tuple[int, int]] = []

    @watches(SOCKET, NAME)
    def follow(self, evse_id: int, connector_id: int) -> None:
        self.seen.append((evse_id, connector_id))

    @guards(NUMBER, RATIO)
    def ask(self, variable: Variable[Any], value: float, _evse_id: int, _connector_id: int) -> None:
        if value > variable.default:
            raise InvalidValue(f"{variable.name} only downwards")


def test_a_service_follows_and_guards_by_what_its_class_says(variables: Variables) -> None:
    service = TankService(variables._station)
    variables._station.taking = (service,)
    variables.set(SOCKET, "left", 1, 2)
    variables.set(NAME, "two")
    variables.set(NUMBER, 6)
    assert service.seen == [(1, 2), (0, 0)]
    assert variables.parse(NUMBER, "4") == 4
    for variable, text in ((NUMBER, "6"), (RATIO, "0.75")):
        with pytest.raises(InvalidValue, match=f"{variable.name} only downwards"):
            variables.parse(variable, text)


def test_a_maximum_of_the_station_itself() -> None:
    heavy = Variable(
        "Tank", "Load", DataType.DECIMAL, 0.0, maximum_of=lambda station, _evse, _connector: station.weight
    )
    variables = Variables(Catalogue((heavy,)), MemoryStore(), Shape())
    assert variables.maximum(heavy) == 1.25
    assert variables.parse(heavy, "1.25") == 1.25
    with pytest.raises(InvalidValue, match=r"more than 1\.25"):
        variables.parse(heavy, "1.26")


def test_bounds_that_were_set() -> None:
    fan = Variable("Fan", "Speed", DataType.INTEGER, 5, others=(Attribute.TARGET, Attribute.MIN_SET, Attribute.MAX_SET))
    store = MemoryStore()
    variables = Variables(Catalogue((fan,)), store, Shape())
    least, most, target = (fan.attributes[kind] for kind in (Attribute.MIN_SET, Attribute.MAX_SET, Attribute.TARGET))
    assert variables.get(most) is None
    variables.set(most, variables.parse(most, "9"))
    variables.set(least, variables.parse(least, "3"))
    for bounded in (fan, target):
        assert variables.parse(bounded, "9") == 9
        with pytest.raises(InvalidValue, match="more than MaxSet, 9"):
            variables.parse(bounded, "10")
        with pytest.raises(InvalidValue, match="less than MinSet, 3"):
            variables.parse(bounded, "2")
    assert variables.parse(least, "1") == 1
    with pytest.raises(InvalidValue, match="more than MaxSet, 9"):
        variables.parse(least, "10")
    again = Variables(Catalogue((fan,)), store, Shape())
    assert again.load() == []
    assert (again.get(fan), again.get(least), again.get(most)) == (5, 3, 9)


# --- over a restart ----------------------------------------------------------------------------------------------------


def test_what_was_set_is_kept(store: MemoryStore, variables: Variables) -> None:
    variables.set(NUMBER, 7)
    variables.set(PARTS, ())
    variables.set(SOCKET, "left", 1, 2)
    variables.set(MOOD, "wild")
    again, refused = reopened(store)
    assert refused == []
    assert (again.get(NUMBER), again.get(PARTS), again.get(SOCKET, 1, 2)) == (7, (), "left")
    assert again.get(MOOD) == "calm", "volatile"


@given(st.text(min_size=1, max_size=8))
def test_any_text_is_kept_as_it_is(text: str) -> None:
    store = MemoryStore()
    Variables(Catalogue(ALL), store, Shape()).set(NAME, text)
    again, refused = reopened(store)
    assert refused == []
    assert again.get(NAME) == text


def test_a_kept_value_that_no_longer_fits_is_told_and_ignored(store: MemoryStore, variables: Variables) -> None:
    variables.set(NUMBER, 99)
    variables.set(COLOUR, "green")
    smaller = Catalogue((NUMBER,))
    again, refused = reopened(store, catalogue=smaller)
    assert again.get(NUMBER) == 5
    assert refused == [
        "stored value of Tank.Colour is left alone: this version has no such variable",
        "stored value of Tank.Level is ignored: more than 10",
    ]


def test_a_kept_value_gives_way_where_the_station_leaves_no_choice(store: MemoryStore, variables: Variables) -> None:
    variables.set(FULL, True)
    fixed = Catalogue(ALL, {FULL: FULL.replace(mutability=Mutability.READ_ONLY, default=False)})
    again, refused = reopened(store, catalogue=fixed)
    assert again.get(FULL) is False
    assert refused == ["stored value of Tank.Full is ignored: this station leaves no choice"]


# --- the catalogue -----------------------------------------------------------------------------------------------------


def test_names_have_no_case() -> None:
    catalogue = Catalogue(ALL)
    assert catalogue.by_path("tank.LEVEL") is NUMBER
    assert catalogue.by_key16("tanklevel") is NUMBER
    assert catalogue.of_component("TANK")[0] is NUMBER
    assert list(catalogue.components()) == ["Tank", "Socket"]


@pytest.mark.parametrize(
    "twin",
    [Variable("tank", "level", DataType.INTEGER, 0), Variable("Other", "Name", DataType.INTEGER, 0, key16="TANKLEVEL")],
)
def test_a_name_is_given_once(twin: Variable[int]) -> None:
    with pytest.raises(ValueError, match="declared twice"):
        Catalogue((*ALL, twin))


def test_the_form_of_a_variable_on_a_kind_of_station() -> None:
    catalogue = Catalogue(ALL, {NUMBER: NUMBER.replace(maximum=6, default=6)})
    variables = Variables(catalogue, MemoryStore(), Shape())
    assert variables.get(NUMBER) == 6
    assert variables.maximum(NUMBER) == 6
    with pytest.raises(InvalidValue):
        variables.parse(NUMBER, "7")
    variables.set(NUMBER, 1)
    assert variables.get(NUMBER) == 1
    assert catalogue.form(NAME) is NAME


# --- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("component", "variable", "status"),
    [
        (ComponentName("Socket", None, 1, 2), VariableName("Label"), None),
        (ComponentName("socket", "", 1, 2), VariableName("LABEL", ""), None),
        (ComponentName("Socket"), VariableName("Label"), "UnknownComponent"),
        (ComponentName("Socket", None, 1), VariableName("Label"), "UnknownComponent"),
        (ComponentName("Socket", None, 1, 3), VariableName("Label"), "UnknownComponent"),
        (ComponentName("Socket", "x", 1, 2), VariableName("Label"), "UnknownComponent"),
        (ComponentName("Tank", None, 0), VariableName("Level"), "UnknownComponent"),
        (ComponentName("Tank"), VariableName("Level", "x"), "UnknownVariable"),
        (ComponentName("Tank"), VariableName("Lever"), "UnknownVariable"),
    ],
)
def test_names_lead_to_one_value_or_none(
    variables: Variables, component: ComponentName, variable: VariableName, status: str | None
) -> None:
    if status is None:
        assert locate(variables, component, variable) == (SOCKET, 1, 2)
        return
    with pytest.raises(UnknownName) as caught:
        locate(variables, component, variable)
    assert caught.value.status == status
