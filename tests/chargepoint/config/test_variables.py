"""The [variables] table gives factory values to the real device model, and every mistake is named."""

from typing import Any

import pytest

from chargepoint.config import Configuration, load
from chargepoint.config.schema import VariableValue
from chargepoint.config.variables import factory_values
from profiles.catalogue import station_catalogue


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    second = 'evse.2={maximum_ampere=16, board={driver="simulated"}, connector=[{kind="cType2"},{kind="cCCS2"}]}'
    return load(None, environ={}, settings=["station.id=CP1", "csms.url=ws://h", second]).configuration


def given(
    configuration: Configuration, name: str, value: VariableValue
) -> tuple[dict[tuple[str, int, int], Any], list[str]]:
    values, findings = factory_values({name: value}, station_catalogue(), configuration.evses)
    said = {(variable.path, evse_id, connector_id): each for (variable, evse_id, connector_id), each in values.items()}
    assert all(place == ("variables", name) for place, _ in findings)
    return said, [sentence for _, sentence in findings]


def test_a_value_is_given_by_16_key_or_by_component_and_variable(configuration: Configuration) -> None:
    by_key = given(configuration, "HeartbeatInterval", 300)
    assert by_key == given(configuration, "heartbeatinterval", "300")
    assert by_key[1] == []
    ((path, evse_id, connector_id),) = by_key[0]
    assert given(configuration, path, 300) == by_key
    assert (evse_id, connector_id) == (0, 0)


def test_a_list_may_be_a_list_or_a_text_with_commas(configuration: Configuration) -> None:
    name = "SampledDataCtrlr.TxUpdatedMeasurands"
    as_list = given(configuration, name, ("Energy.Active.Import.Register", "Voltage"))
    assert as_list == given(configuration, name, "Energy.Active.Import.Register,Voltage")
    assert as_list[1] == []
    assert list(as_list[0].values()) == [("Energy.Active.Import.Register", "Voltage")]


def test_a_value_belongs_to_all_places_or_to_the_one_that_is_named(configuration: Configuration) -> None:
    everywhere, _ = given(configuration, "EVSE.AllowReset", False)
    assert {place[1:] for place in everywhere} == {(1, 0), (2, 0)}
    second, _ = given(configuration, "EVSE.AllowReset@2", False)
    assert {place[1:] for place in second} == {(2, 0)}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HeartbeatIntervall", 300, "did you mean HeartbeatInterval"),
        ("HeartbeatInterval", "often", "HeartbeatInterval: "),
        ("HeartbeatInterval", -1, "HeartbeatInterval: "),
        ("EVSE.AllowReset@3", True, "@3 is no evse of this station"),
        ("HeartbeatInterval@1", 300, "belongs to the station as a whole"),
    ],
)
def test_a_mistake_is_named(configuration: Configuration, name: str, value: VariableValue, sentence: str) -> None:
    values, findings = given(configuration, name, value)
    assert values == {}
    (found,) = findings
    assert found.startswith("variables: ")
    assert sentence in found
