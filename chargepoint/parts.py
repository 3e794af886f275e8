"""The parts of one station, made of what its configuration names: its hardware, its EVSEs, the settings of its link."""

from collections.abc import Callable
from typing import Any, NamedTuple

from chargepoint.config.driver import Driver
from chargepoint.config.schema import Configuration
from chargepoint.hardware.hardware import StationHardware
from chargepoint.link.reconnection import BackOff
from chargepoint.link.settings import UNIFORM, LinkSettings
from chargepoint.station.chance import SYSTEM, Chance
from chargepoint.station.evse import Connector, Evse
from chargepoint.station.ports import Store
from chargepoint.station.timers import Timers
from chargepoint.template import Template, tls_of
from hal.contract import Emit, Resources

BACK_OFF = "OCPPCommCtrlr.RetryBackOff"
"""How the variables of reconnection begin."""


class Machine(NamedTuple):
    """The hardware of a station. system: the machine that the agent runs on. world: of what is simulated. Both may be absent."""

    hardware: StationHardware
    system: Any
    world: Any


def machine_of(
    configuration: Configuration,
    template: Template,
    resources: Resources,
    *,
    timers: Timers,
    store: Store,
    emit: Emit,
    busy: Callable[[int], bool],
) -> Machine:
    """The drivers that the configuration names, not opened yet. Raises: HardwareError."""

    def made(driver: Driver, *place: int) -> Any:
        return template.driver(driver)(driver.options, resources, *place)

    boards, meters, locks = {}, {}, {}
    for evse_id, evse in enumerate(configuration.evses, 1):
        boards[evse_id] = made(evse.board, evse_id)
        if evse.meter is not None:
            meters[evse_id] = made(evse.meter, evse_id)
        for connector_id in range(1, len(evse.connectors) + 1):
            lock = evse.lock_of(connector_id)
            if lock is not None and lock.name != "none":
                locks[evse_id, connector_id] = made(lock, evse_id, connector_id)
    if configuration.meter is not None:
        meters[0] = made(configuration.meter, 0)
    readers = [made(reader) for reader in configuration.readers]
    system = made(configuration.system) if configuration.system is not None else None
    world = None
    if template.world:
        from hal.sim.world import World

        world = World.of(resources)
    hardware = StationHardware(
        timers=timers, store=store, emit=emit, boards=boards, meters=meters, locks=locks, readers=readers, busy=busy
    )
    return Machine(hardware, system, world)


def evses_of(configuration: Configuration) -> list[Evse]:
    """The EVSEs, with connectors numbered through the station as 1.6 counts them."""
    number = 0
    evses = []
    for evse_id, evse in enumerate(configuration.evses, 1):
        connectors = []
        for connector_id, connector in enumerate(evse.connectors, 1):
            number += 1
            lock = evse.lock_of(connector_id)
            connectors.append(
                Connector(
                    connector_id,
                    number,
                    connector.kind,
                    fixed_cable=connector.fixed_cable,
                    has_lock=lock is not None and lock.name != "none",
                )
            )
        evses.append(
            Evse(
                evse_id,
                tuple(connectors),
                phases=evse.phases,
                maximum_ampere=evse.maximum_ampere,
                voltage_volt=evse.voltage_volt,
                supply=evse.supply,
            )
        )
    return evses


def link_settings(
    configuration: Configuration,
    *,
    password: str | None,
    ping_interval: Callable[[], float],
    back_off: Callable[[], BackOff],
    chance: Chance,
) -> LinkSettings:
    """The link as the configuration file has it. back_off: where 2.x is spoken, or the file says how long; 1.6 has no rule for it."""
    csms = configuration.csms
    has_rule = any(version != "1.6" for version in csms.versions) or any(
        name.startswith(BACK_OFF) for name in configuration.variables
    )
    return LinkSettings(
        url=csms.url,
        station_id=configuration.station.id,
        append_id=csms.append_id,
        versions=csms.versions,
        security_profile=csms.security_profile,
        password=password,
        tls=tls_of(csms),
        deflate=csms.compression,
        ping_interval=ping_interval,
        back_off=back_off if has_rule else None,
        uniform=UNIFORM if chance is SYSTEM else chance.uniform,
    )
