"""`chargepoint hal`: which drivers there are, and whether the hardware of a configuration answers."""

import asyncio
from typing import Any

import click
import msgspec

from chargepoint.cli import output
from chargepoint.cli.exits import Exit

_PATIENCE_SECOND = 10.0


@click.group()
def hal() -> None:
    """List hardware drivers, and try the hardware of a configuration."""


@hal.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(*, as_json: bool) -> None:
    """List the drivers of every kind.

    \b
    Example:
      chargepoint hal list
    """
    from hal import registry

    for kind in registry.DriverKind:
        for summary in registry.describe(kind):
            if as_json:
                output.json_line({"kind": kind, **summary._asdict()})
            else:
                install = f"  (missing: {summary.install})" if summary.install is not None else ""
                output.data(f"{kind:<8} {summary.name:<12} {summary.summary}{install}")


@hal.command()
@click.argument("kind", type=click.Choice(["meter", "reader", "board", "lock", "system"]))
@click.argument("name")
def options(kind: str, name: str) -> None:
    """Explain the options of a driver.

    \b
    Example:
      chargepoint hal options meter modbus
    """
    import inspect

    from chargepoint.config.shape import expectation, fields_of
    from chargepoint.config.show import toml
    from hal import registry

    struct = registry.options_type(kind, name)
    for line in inspect.cleandoc(struct.__doc__ or "").splitlines():
        output.data(f"# {line}".rstrip())
    output.data(f'driver = "{name}"')
    for key, field in fields_of(struct).items():
        if field.required:
            output.data(f"{key} =  # required: {expectation(field.type)}")
        else:
            default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
            value = msgspec.to_builtins(default, enc_hook=str)
            said = "" if value is None else f" {toml(list(value) if isinstance(value, tuple) else value)}"
            output.data(f"# {key} ={said}  # {expectation(field.type)}")


@hal.command()
@click.argument("file")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="Set a configuration key.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def probe(file: str, settings: tuple[str, ...], *, as_json: bool) -> int:
    """Open every device of a configuration, read it once, and say what was found. Contactors stay open.

    Exit code 0 = all of it works, 3 = some of it does not.

    \b
    Example:
      chargepoint hal probe station.toml
    """
    from chargepoint.config.load import load

    findings = asyncio.run(_probe(load(file, settings=settings).configuration))
    for finding in findings:
        if as_json:
            output.json_line(finding)
        else:
            output.data(f"{'ok' if finding['works'] else 'FAILED':<7} {finding['device']:<32} {finding['found']}")
    return Exit.OK if all(finding["works"] for finding in findings) else Exit.HARDWARE


async def _probe(configuration: Any) -> list[dict[str, Any]]:
    from chargepoint.runtime import Runtime
    from hal.contract import Resources

    runtime = Runtime()
    resources = Resources(runtime.timers, evse_count=len(configuration.evses), seed=configuration.simulation.seed)
    findings = []
    try:
        for evse_id, connector_id, driver in configuration.drivers():
            place = f"EVSE {evse_id}" + (f" connector {connector_id}" if connector_id else "") if evse_id else "station"
            works, found = await _try(driver, resources, evse_id, connector_id)
            findings.append({"device": f"{driver.kind} of {place} ({driver.name})", "works": works, "found": found})
    finally:
        runtime.close()
    return findings


async def _try(driver: Any, resources: Any, evse_id: int, connector_id: int) -> tuple[bool, str]:
    """Whether a device works, and what there is to say of it."""
    from hal import registry
    from hal.contract import FaultRaised, HardwareError, HardwareEvent

    places = {"board": (evse_id,), "meter": (evse_id,), "lock": (evse_id, connector_id)}
    events: list[HardwareEvent] = []
    device = None
    try:
        device = registry.load(driver.kind, driver.name)(driver.options, resources, *places.get(driver.kind, ()))
        if driver.kind == "system":
            return True, f"last start: {device.boot_reason()}"
        async with asyncio.timeout(_PATIENCE_SECOND):
            await device.open(events.append)
            faults = [event.fault for event in events if isinstance(event, FaultRaised)]
            if faults:
                return False, "; ".join(fault.message or fault.name for fault in faults)
            return True, await _look(driver.kind, device, events)
    except HardwareError as error:
        return False, str(error)
    except TimeoutError:
        return False, f"no answer within {_PATIENCE_SECOND:g} s"
    finally:
        if device is not None and driver.kind != "system":
            await device.close()


async def _look(kind: str, device: Any, events: list[Any]) -> str:
    if kind == "meter":
        values = (await device.read()).values
        return ", ".join(f"{name}{f' {phase}' if phase else ''} {value:g}" for (name, phase), value in values.items())
    if kind == "board":
        able = device.capabilities
        said = [f"{able.minimum_ampere:g}-{able.maximum_ampere:g} A", f"{able.phases} phases"]
        said.extend(name for name in ("pilot", "feedback", "watchdog", "switches_phases") if getattr(able, name))
        return ", ".join([*said, *(str(getattr(event, "state", "")) for event in events if hasattr(event, "state"))])
    if kind == "lock":
        return (
            ", ".join("locked" if event.locked else "unlocked" for event in events if hasattr(event, "locked"))
            or "no lock"
        )
    return "listening"
