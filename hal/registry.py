"""Drivers by name: what there is, what it needs, and the class behind a name, imported only when asked for.

A third party adds drivers with an entry point in its own package; the group is `chargepoint.hal.` and the kind:

    [project.entry-points."chargepoint.hal.meter"]
    acme = "acme_meter:AcmeMeter"

The class has `Options` (a `msgspec.Struct`) and takes what the drivers of its kind take: a meter and a board
`(options, resources, evse_id)`, a lock `(options, resources, evse_id, connector_id)`, a reader and a system `(options, resources)`.
A built-in name cannot be taken over.
"""

import functools
from difflib import get_close_matches
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from hal.contract import HardwareError, HardwareErrorReason

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["DriverKind", "DriverSummary", "describe", "load", "names", "options_type"]

ENTRY_POINT_GROUP: Final = "chargepoint.hal."


class DriverKind(StrEnum):
    """What a driver is for."""

    METER = "meter"
    READER = "reader"
    BOARD = "board"
    LOCK = "lock"
    SYSTEM = "system"


class DriverSummary(NamedTuple):
    """One driver, for lists and help texts. install: the command that installs its missing library, None where nothing is missing."""

    name: str
    summary: str
    origin: str
    install: str | None


class _Driver(NamedTuple):
    """target: module:Class. library, install: the optional library it imports, and the command that installs it."""

    target: str
    summary: str
    library: str | None = None
    install: str = ""


_GPIO: Final = ("gpiod", "pip install 'chargepoint[gpio]'")
_MODBUS: Final = ("pymodbus", "pip install 'pymodbus>=3.16.1,<3.17'")
_SERIAL: Final = ("serial", "pip install 'pyserial>=3.5,<4'")

_BUILT_IN: Final[dict[DriverKind, dict[str, _Driver]]] = {
    DriverKind.METER: {
        "modbus": _Driver(
            "hal.meter.modbus_meter:ModbusMeter", "An energy meter on Modbus, by its register map.", *_MODBUS
        ),
        "simulated": _Driver("hal.sim.meter:SimulatedMeter", "The meter of the simulated world."),
    },
    DriverKind.READER: {
        "lines": _Driver("hal.reader.lines:LineReader", "A serial reader that sends one line per token.", *_SERIAL),
        "pn532": _Driver("hal.reader.pn532:Pn532Reader", "An NXP PN532 on a serial port.", *_SERIAL),
        "simulated": _Driver(
            "hal.sim.token_reader:SimulatedReader", "Card reader, key pad and start button of the simulated world."
        ),
    },
    DriverKind.BOARD: {
        "gpio": _Driver(
            "hal.board.gpio:GpioBoard", "A contactor on GPIO lines; another device makes the control pilot.", *_GPIO
        ),
        "openevse": _Driver(
            "hal.board.openevse_rapi:OpenEvseBoard", "An OpenEVSE controller on a serial port.", *_SERIAL
        ),
        "simulated": _Driver("hal.sim.board:SimulatedBoard", "The board of the simulated world."),
    },
    DriverKind.LOCK: {
        "none": _Driver("hal.lock.none:NoLock", "No lock: a tethered cable, or a socket that holds nothing."),
        "gpio": _Driver("hal.lock.gpio:GpioLock", "A motor lock on GPIO.", *_GPIO),
        "simulated": _Driver("hal.sim.lock:SimulatedLock", "The lock of the simulated world."),
    },
    DriverKind.SYSTEM: {
        "linux": _Driver("hal.system.linux:LinuxSystem", "The Linux machine that the agent runs on."),
        "simulated": _Driver("hal.sim.system:SimulatedSystem", "A machine that records what it is asked for."),
    },
}


def names(kind: DriverKind | str) -> list[str]:
    """All names of a kind, sorted."""
    kind = _kind(kind)
    return sorted({*_BUILT_IN[kind], *(point.name for point in _entry_points(kind))})


def describe(kind: DriverKind | str) -> list[DriverSummary]:
    """All drivers of a kind, sorted by name; imports none of them."""
    kind = _kind(kind)
    found = {
        point.name: DriverSummary(point.name, f"From the package {_package(point)}.", _package(point), None)
        for point in _entry_points(kind)
    }
    for name, driver in _BUILT_IN[kind].items():
        install = driver.install if driver.library is not None and not _is_installed(driver.library) else None
        found[name] = DriverSummary(name, driver.summary, "chargepoint", install)
    return [found[name] for name in sorted(found)]


def load(kind: DriverKind | str, name: str) -> type[Any]:
    """The class of a driver.

    Raises: HardwareError BAD_OPTION for a name that does not exist (with the nearest ones) or a class that is no driver,
    MISSING_LIBRARY with the command that installs what is missing.
    """
    kind = _kind(kind)
    driver = _BUILT_IN[kind].get(name)
    if driver is not None:
        if driver.library is not None and not _is_installed(driver.library):
            raise _missing(kind, name, driver.library, driver.install)
        return _built_in(kind, name)
    points = [point for point in _entry_points(kind) if point.name == name]
    if not points:
        raise _unknown(f"{kind.value} driver", name, names(kind))
    if len(points) > 1:
        packages = " and ".join(sorted(_package(point) for point in points))
        text = f"The {kind.value} driver {name!r} is offered by {packages}; uninstall one of them."
        raise HardwareError(HardwareErrorReason.BAD_OPTION, text)
    return _checked(kind, name, _import(kind, name, points[0].value))


@functools.cache
def _built_in(kind: DriverKind, name: str) -> type[Any]:
    return _checked(kind, name, _import(kind, name, _BUILT_IN[kind][name].target))


def options_type(kind: DriverKind | str, name: str) -> type[msgspec.Struct]:
    """The `Options` of a driver. Raises: HardwareError as `load()`."""
    options: type[msgspec.Struct] = load(kind, name).Options
    return options


def _kind(kind: DriverKind | str) -> DriverKind:
    try:
        return DriverKind(kind)
    except ValueError:
        raise _unknown("kind of driver", kind, [known.value for known in DriverKind]) from None


def _unknown(what: str, name: str, known: list[str]) -> HardwareError:
    near = get_close_matches(name.lower(), known)
    hint = f"Did you mean {' or '.join(repr(match) for match in near)}?" if near else f"There are: {', '.join(known)}."
    return HardwareError(HardwareErrorReason.BAD_OPTION, f"There is no {what} {name!r}. {hint}")


def _missing(kind: DriverKind, name: str, library: str, install: str) -> HardwareError:
    text = f"The {kind.value} driver {name!r} needs the Python package {library!r}, which is not installed. Install it with: {install}"
    return HardwareError(HardwareErrorReason.MISSING_LIBRARY, text)


def _import(kind: DriverKind, name: str, target: str) -> object:
    module_name, _, attribute = target.partition(":")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        library = missing.partition(".")[0]
        if library == module_name.partition(".")[0]:
            text = f"The {kind.value} driver {name!r} is not complete: its module {missing} is missing. Install its package again."
            raise HardwareError(HardwareErrorReason.BAD_OPTION, text) from error
        raise _missing(kind, name, library, f"pip install {library}") from error
    try:
        return getattr(module, attribute)
    except AttributeError as error:
        text = f"The {kind.value} driver {name!r} should be {target}, but {module_name} has no {attribute!r}."
        raise HardwareError(HardwareErrorReason.BAD_OPTION, text) from error


def _checked(kind: DriverKind, name: str, found: object) -> type[Any]:
    options = getattr(found, "Options", None)
    if isinstance(found, type) and isinstance(options, type) and issubclass(options, msgspec.Struct):
        return found
    text = f"The {kind.value} driver {name!r} is not a driver: it has to be a class with Options, a msgspec.Struct."
    raise HardwareError(HardwareErrorReason.BAD_OPTION, text)


def _entry_points(kind: DriverKind) -> "list[EntryPoint]":
    from importlib.metadata import entry_points  # 13 ms, and most stations use built-in drivers only

    return list(entry_points(group=ENTRY_POINT_GROUP + kind.value))


def _package(point: "EntryPoint") -> str:
    return point.value.partition(":")[0] if point.dist is None else point.dist.name


def _is_installed(library: str) -> bool:
    from importlib.util import find_spec

    return find_spec(library) is not None
