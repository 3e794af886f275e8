"""Options that several commands share, and what they set."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from chargepoint.cli import output
from chargepoint.config.load import Loaded, load
from chargepoint.config.overlay import Setting, setting_of_option
from chargepoint.config.problem import Layer, Origin

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--set",
        "settings",
        metavar="KEY=VALUE",
        multiple=True,
        help="Set a configuration key, e.g. csms.url=ws://host/ocpp.",
    ),
    click.option("--state", metavar="DIR", help="Folder of what survives a restart."),
    click.option("--control", metavar="ADDRESS", help="Control API: unix:PATH, 127.0.0.1:PORT or off."),
    click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="Least level to log."),
    click.option(
        "--log-format", type=click.Choice(["text", "json"]), help="One line an event, for people or for programs."
    ),
    click.option("--trace", metavar="FILE", help="Write every OCPP frame to this file, as JSON lines."),
    click.option("--unredacted", is_flag=True, help="Write passwords, keys and tokens in full. For a laboratory only."),
)
_KEYS = {
    "state": "state.directory",
    "control": "control.listen",
    "log_level": "log.level",
    "log_format": "log.format",
    "trace": "log.trace",
}


def station_options(function: F) -> F:
    """The options of a command that runs a station."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def settings_of(options: dict[str, Any]) -> list[Setting]:
    """What the options of `station_options` set, `--set` first."""
    settings = [setting_of_option(text) for text in options["settings"]]
    for name, key in _KEYS.items():
        if options[name] is not None:
            origin = Origin(Layer.OPTION, "--" + name.replace("_", "-"))
            settings.append(Setting(tuple(key.split(".")), options[name], origin))
    if options["unredacted"]:
        settings.append(Setting(("log", "unredacted"), "true", Origin(Layer.OPTION, "--unredacted")))
    return settings


def load_noticed(file: str | None, settings: list[Setting]) -> Loaded:
    """The configuration; what is probably not meant is told."""
    loaded = load(file, settings=settings)
    for notice in loaded.notices:
        output.talk(f"note: {notice}")
    return loaded


def with_state_directory(loaded: Loaded) -> Loaded:
    """The configuration with a state directory that exists.

    Raises: StartFailed STATE when it cannot be made or written.
    """
    from pathlib import Path

    from chargepoint.api.agent import StartFailed, StartFailure

    configuration = loaded.configuration
    if configuration.state.keep == "memory":
        return loaded
    directory = Path(configuration.state.directory or _default_directory(configuration.station.id))
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        text = f"the state directory {directory} cannot be made: {error.strerror}; choose another with --state"
        raise StartFailed(StartFailure.STATE, text) from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise StartFailed(
            StartFailure.STATE, f"the state directory {directory} cannot be written; choose another with --state"
        )
    state = msgspec.structs.replace(configuration.state, directory=str(directory))
    return msgspec.structs.replace(loaded, configuration=msgspec.structs.replace(configuration, state=state))


def _default_directory(station_id: str) -> str:
    """The state directory of the service, of root, or of the user."""
    if directory := os.environ.get("STATE_DIRECTORY"):
        return directory.partition(":")[0]
    name = "".join(character if character.isalnum() or character in "-_." else "_" for character in station_id)
    if os.getuid() == 0:
        return f"/var/lib/chargepoint/{name}"
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "chargepoint", name)
