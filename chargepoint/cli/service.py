"""From a configuration to a running station: log, trace, state, control API, assembly."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

from chargepoint.api.address import Address, default_address, parse
from chargepoint.api.agent import Agent, Details, Direction, FrameSink, StartFailed, StartFailure
from chargepoint.api.event import plain
from chargepoint.cli import output
from chargepoint.cli.exits import Exit
from chargepoint.cli.notify import ServiceManager
from chargepoint.cli.process import Plan, Process
from chargepoint.config.load import Loaded
from chargepoint.config.problem import ConfigurationError, Problem
from chargepoint.config.schema import Configuration
from chargepoint.config.secret import control_token
from chargepoint.log import configure, safe_name
from chargepoint.trace import Trace

events = logging.getLogger("chargepoint.station")

Play = Callable[[Agent], Coroutine[Any, Any, Exit]]


def prepare_log(configuration: Configuration) -> None:
    """Log as the configuration says, to standard error."""
    log = configuration.log
    colours = log.format == "text" and output.uses_colour(sys.stderr, os.environ)
    configure(level=log.level, form=log.format, unredacted=log.unredacted, colours=colours)


def address_of(configuration: Configuration) -> Address | None:
    """Where the control API listens, None for off."""
    listen = configuration.control.listen
    if listen == "off":
        return None
    return parse(listen) if listen is not None else default_address(os.environ)


def sink_of(configuration: Configuration, also: FrameSink | None = None) -> tuple[FrameSink | None, Callable[[], None]]:
    """Where frames go: the trace of the configuration, and `also`. The second value closes the trace."""
    if configuration.log.trace is None:
        return also, lambda: None
    try:
        limit_byte = int(configuration.log.trace_megabyte * 1_000_000)
        trace = Trace(configuration.log.trace, limit_byte=limit_byte, unredacted=configuration.log.unredacted)
    except OSError as error:
        sentence = f"log.trace: {configuration.log.trace} cannot be written: {error.strerror}"
        raise ConfigurationError(Problem(sentence)) from error

    def sink(station: str, direction: Direction, frame: bytes) -> None:
        trace.frame(station, direction, frame)
        if also is not None:
            also(station, direction, frame)

    return sink, trace.close


async def serve(
    loaded: Loaded,
    *,
    ready: Callable[[Agent, Address | None], None] | None = None,
    play: Play | None = None,
    on_frame: FrameSink | None = None,
) -> Exit:
    """Run a station until something ends it, and restart the machine where that was asked for. Returns the exit code."""
    configuration = loaded.configuration
    sink, close_trace = sink_of(configuration, on_frame)

    async def build() -> Agent:
        # most of the station is imported here, in a thread, so that the control API goes on answering
        assembly = await asyncio.to_thread(import_module, "chargepoint.assembly")
        check_variables(loaded)
        agent: Agent = assembly.build(configuration, on_frame=sink)
        agent.subscribe(log_event)
        return agent

    plan = Plan(
        build=build, address=address_of(configuration), token=control_token(configuration), ready=ready, play=play
    )
    try:
        return await Process(plan, ServiceManager(os.environ)).run()
    finally:
        close_trace()


def log_event(event: str, details: Details) -> None:
    """Write down what happens to the station. details: `message` and `level` (of `logging`) where the event brings its own."""
    level = details.get("level")
    level = level if isinstance(level, int) else logging.INFO
    if events.isEnabledFor(level):
        fields = {
            name: value for name, value in details.items() if name not in ("level", "message") and value is not None
        }
        text = str(details.get("message") or event.replace("_", " "))
        events.log(
            level,
            "%s",
            text,
            extra={"event": event, **{safe_name(name): value for name, value in plain(fields).items()}},
        )


def check_variables(loaded: Loaded) -> None:
    """Check the [variables] table against the device model.

    Raises: ConfigurationError.
    """
    from chargepoint.config.capabilities import capabilities_of
    from chargepoint.config.variables import factory_values
    from profiles.catalogue import station_catalogue

    configuration = loaded.configuration
    if not configuration.variables:
        return
    _, findings = factory_values(
        configuration.variables, station_catalogue(capabilities_of(configuration)), configuration.evses
    )
    if findings:
        raise ConfigurationError(*(Problem(sentence, loaded.origin_of(place)) for place, sentence in findings))


def explain_link(error: ConfigurationError) -> StartFailed:
    """What is wrong with the password or the certificates, as a matter of the link."""
    return StartFailed(StartFailure.LINK, str(error))
