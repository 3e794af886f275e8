"""Factory values: what the owner's configuration says of variables (`apply_factory`)."""

from typing import Any

import pytest

from chargepoint.station.evse import Connector, Evse
from chargepoint.station.variables import (
    Catalogue,
    DataType,
    Mutability,
    Scope,
    Variable,
    Variables,
    apply_factory,
    factory_values,
)
from chargepoint.store.memory import MemoryStore

INTERVAL = Variable("CommCtrlr", "Interval", DataType.INTEGER, 300, key16="HeartbeatInterval", minimum=1)
LIMIT = Variable("DataCtrlr", "Items", DataType.INTEGER, 10, instance="Get", mutability=Mutability.READ_ONLY)
CONTROLLER = Variable("Controller", "Parts", DataType.MEMBER_LIST, (), component_instance="main", values=("a", "b"))
POWER = Variable("EVSE", "Power", DataType.DECIMAL, 0.0, scope=Scope.EVSE, value_of=lambda *_: 1.0)
LABEL = Variable("Connector", "Label", DataType.STRING, "", scope=Scope.CONNECTOR)
ROTATION = Variable("Connector", "Rotation", DataType.STRING, "", key16="Rotations", scope=Scope.CONNECTOR, maximum=3)
COUNT = Variable("", "", DataType.INTEGER, 0, key16="NumberOfConnectors", value_of=lambda *_: 4)
ALL = (INTERVAL, LIMIT, CONTROLLER, POWER, LABEL, ROTATION, COUNT)


class Shape:
    """Two EVSEs with two connectors each."""

    def __init__(self) -> None:
        self.evses = tuple(
            Evse(n, tuple(Connector(c, 2 * n - 2 + c, "sType2", fixed_cable=False, has_lock=True) for c in (1, 2)))
            for n in (1, 2)
        )

    def services(self) -> tuple[()]:
        """Nobody watches."""
        return ()


@pytest.fixture
def variables() -> Variables:
    return Variables(Catalogue(ALL), MemoryStore(), Shape())


@pytest.mark.parametrize(
    ("name", "value", "variable", "expected"),
    [
        ("HeartbeatInterval", 60, INTERVAL, 60),
        ("heartbeatinterval", "60", INTERVAL, 60),
        ("CommCtrlr.Interval", 60, INTERVAL, 60),
        ("commctrlr.interval", 60, INTERVAL, 60),
        ("DataCtrlr.Items[Get]", 7, LIMIT, 7),
        ("Controller[main].Parts", ["a", "b"], CONTROLLER, ("a", "b")),
        ("Controller[main].Parts", "b", CONTROLLER, ("b",)),
        ("NumberOfConnectors", 9, COUNT, 9),
    ],
)
def test_either_name_gives_any_variable(
    variables: Variables, name: str, value: object, variable: Variable[Any], expected: object
) -> None:
    assert apply_factory(variables, {name: value}) == []
    assert variables.get(variable) == expected


def test_a_place_is_named_after_the_at_sign(variables: Variables) -> None:
    assert (
        apply_factory(variables, {"Connector.Label": "any", "Connector.Label@2": "two", "Connector.Label@1.2": "one"})
        == []
    )
    labels = {place: variables.get(LABEL, *place) for place in variables.places(Scope.CONNECTOR)}
    assert labels == {(1, 1): "any", (1, 2): "one", (2, 1): "two", (2, 2): "two"}


def test_a_measured_value_may_be_stated_for_one_evse(variables: Variables) -> None:
    assert apply_factory(variables, {"EVSE.Power@2": 7.5}) == []
    assert (variables.get(POWER, 1), variables.get(POWER, 2)) == (1.0, 7.5)


def test_a_key_of_all_connectors_is_a_numbered_list(variables: Variables) -> None:
    assert apply_factory(variables, {"Rotations": "1.RST,4.TSR"}) == []
    assert variables.get(ROTATION, 1, 1) == "RST"
    assert variables.get(ROTATION, 2, 2) == "TSR"
    assert variables.get(ROTATION, 1, 2) == ""
    assert apply_factory(variables, {"Rotations@2.1": "SRT"}) == []
    assert variables.get(ROTATION, 2, 1) == "SRT"


def test_what_the_csms_has_written_wins(variables: Variables) -> None:
    variables.set(INTERVAL, 5)
    assert apply_factory(variables, {"HeartbeatInterval": 60}) == []
    assert variables.get(INTERVAL) == 5


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HeartbeatIntervall", 1, "there is no such 1.6 key or 2.x variable; did you mean HeartbeatInterval?"),
        ("Interval", 1, "there is no such 1.6 key or 2.x variable; did you mean CommCtrlr.Interval"),
        ("DataCtrlr.Items", 1, "there is no such 1.6 key or 2.x variable; did you mean DataCtrlr.Items[Get]?"),
        ("Xyzzy", 1, "there is no such 1.6 key or 2.x variable"),
        ("HeartbeatInterval", 0, "less than 1"),
        ("HeartbeatInterval", True, "expected an integer"),
        ("HeartbeatInterval", None, "expected a text, a number, true, false or a list, not NoneType"),
        ("HeartbeatInterval", {}, "expected a text, a number, true, false or a list, not dict"),
        ("Controller[main].Parts", ["a", "c"], "c not among a, b"),
        ("CommCtrlr.Interval@1", 5, "belongs to the station as a whole: leave out @1"),
        ("EVSE.Power@3", 5, "@3 is no evse of this station"),
        ("EVSE.Power@1.1", 5, "@1.1 is no evse of this station"),
        ("Connector.Label@1.3", "x", "@1.3 is no connector of this station"),
        ("Rotations", "5.RST", "there is no connector 5"),
    ],
)
def test_what_cannot_be_is_told_and_left_out(variables: Variables, name: str, value: object, sentence: str) -> None:
    errors = apply_factory(variables, {name: value, "Connector.Label": "fine"})
    assert len(errors) == 1
    assert errors[0].startswith(f"{name}: {sentence}")
    assert variables.get(LABEL, 1, 1) == "fine"
    assert variables.get(INTERVAL) == 300


def test_stations_of_one_shape_share_their_factory_values(variables: Variables) -> None:
    values, errors = factory_values(variables, {"HeartbeatInterval": 60})
    assert errors == []
    other = Variables(variables.catalogue, MemoryStore(), Shape())
    other.set_factory(values)
    assert other.get(INTERVAL) == 60
    assert variables.get(INTERVAL) == 300
