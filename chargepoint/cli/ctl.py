"""`chargepoint ctl`: the verbs of the control API as commands, made from the same table."""

import os
from typing import Any

import click
import msgspec

from chargepoint.api.verbs import VERBS, Verb
from chargepoint.cli import output
from chargepoint.config.shape import choices_of, description_of, item_type, without_notes


class VerbGroup(click.Group):
    """The verbs, each made into a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a verb; those of a fleet alone are only there with --station."""
        verb = VERBS.get(cmd_name)
        if verb is None and ctx.params.get("station") is not None:
            from chargepoint.fleet.verbs import OWN

            verb = OWN.get(cmd_name)
        return _command(verb) if verb is not None else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that the arguments name. Raises: click.UsageError with the nearest one."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from chargepoint.api.agent import VerbRefused
            from chargepoint.api.server import verb_of

            try:
                verb_of(args[0])
            except VerbRefused as refused:
                raise click.UsageError(str(refused), ctx) from None
        return super().resolve_command(ctx, args)


@click.group(cls=VerbGroup)
@click.option("--control", metavar="ADDRESS", envvar="CHARGEPOINT_CONTROL", help="Control API: unix:PATH or HOST:PORT.")
@click.option("--token-file", metavar="FILE", help="File with the bearer token; else $CHARGEPOINT_CONTROL_TOKEN.")
@click.option(
    "--station", metavar="ID", help="Where a fleet answers: the station of it that is meant; '*' = all of them."
)
@click.pass_context
def ctl(context: click.Context, control: str | None, token_file: str | None, station: str | None) -> None:
    """Act on a running station: simulated hardware, the link, what it tells the CSMS.

    \b
    Examples:
      chargepoint ctl describe
      chargepoint ctl plug 1 --maximum-ampere 10
      chargepoint ctl tap 04A2B3C4
      chargepoint ctl fault GroundFailure 1
      chargepoint ctl watch --json
      chargepoint ctl --control 127.0.0.1:8887 --station CP00042 power-off
    """
    from chargepoint.api.address import parse, running_address
    from chargepoint.api.client import ControlClient

    address = parse(control) if control is not None else running_address(os.environ)
    context.obj = ControlClient(address, token=_token(token_file), station=station)


def _token(file: str | None) -> str | None:
    if file is None:
        return os.environ.get("CHARGEPOINT_CONTROL_TOKEN") or None
    try:
        with open(file, encoding="utf-8") as source:
            return source.read().strip()
    except OSError as error:
        raise click.UsageError(f"--token-file: {file} cannot be read: {error.strerror}") from None


def _command(verb: Verb) -> click.Command:
    fields = msgspec.structs.fields(verb.arguments)
    parameters: list[click.Parameter] = [_argument(verb, name) for name in verb.positional]
    parameters.extend(_option(field) for field in fields if field.name not in verb.positional)
    parameters.append(click.Option(["--json", "as_json"], is_flag=True, help="Print the answer as JSON."))
    run = _watch if verb.name == "watch" else _describe if verb.name == "describe" else _call

    @click.pass_obj
    def callback(client: Any, /, as_json: bool, **given: Any) -> None:
        run(client, verb, {name: value for name, value in given.items() if value not in (None, ())}, as_json=as_json)

    epilog = f"\b\nExample:\n  chargepoint ctl {verb.example}\n"
    return click.Command(
        verb.name, callback=callback, params=parameters, help=verb.summary, short_help=verb.summary, epilog=epilog
    )


def _field(verb: Verb, name: str) -> msgspec.structs.FieldInfo:
    return next(field for field in msgspec.structs.fields(verb.arguments) if field.name == name)


def _argument(verb: Verb, name: str) -> click.Argument:
    field = _field(verb, name)
    return click.Argument([name], required=field.required, type=_click_type(field.type), metavar=_metavar(field))


def _metavar(field: msgspec.structs.FieldInfo) -> str:
    return field.name.upper() if field.required else f"[{field.name.upper()}]"


def _option(field: msgspec.structs.FieldInfo) -> click.Option:
    flag = "--" + field.name.replace("_", "-")
    bare, _ = without_notes(field.type)
    help_text = description_of(field.type)
    if bare is bool:
        return click.Option([flag], is_flag=True, default=None, help=help_text)
    several = item_type(bare) is not None
    return click.Option(
        [flag],
        type=_click_type(item_type(bare) or field.type),
        required=field.required,
        multiple=several,
        help=help_text,
    )


def _click_type(kind: Any) -> "click.ParamType[Any, Any]":
    choices = choices_of(kind)
    if len(choices) > 12:
        return click.STRING  # the station names the nearest one
    if choices:
        return click.Choice([str(choice) for choice in choices])
    bare, _ = without_notes(kind)
    if bare is int:
        return click.INT
    return click.FLOAT if bare is float else click.STRING


def _call(client: Any, verb: Verb, arguments: dict[str, Any], *, as_json: bool) -> None:
    result = client.call(verb.name, arguments)
    if as_json:
        output.json_line(result)
    else:
        for name, value in result.items():
            output.data(f"{name}: {value}")


def _describe(client: Any, verb: Verb, arguments: dict[str, Any], *, as_json: bool) -> None:
    description = client.describe()
    if as_json:
        output.json_line(description)
    else:
        for line in described(description):
            output.data(line)


def _watch(client: Any, verb: Verb, arguments: dict[str, Any], *, as_json: bool) -> None:
    for event in client.watch():
        if as_json:
            output.json_line(event)
        elif event.get("event") == "description":
            for line in described(event):
                output.data(line)
        else:
            output.data(event_line(event))


def event_line(event: dict[str, Any]) -> str:
    """An event for people."""
    details = " ".join(
        f"{name}={value}" for name, value in event.items() if name not in ("event", "time") and value is not None
    )
    return f"{event.get('time', '')} {event.get('event', '')} {details}".strip()


def described(description: dict[str, Any]) -> list[str]:
    """A station for people."""
    if "evses" not in description:
        return [f"{description['id']}: switched off"]  # of a fleet
    link = description["link"]
    version = f" OCPP {link['version']}" if link.get("version") else ""
    registration = f", registration {link['registration']}" if link.get("registration") else ""
    waiting = f", {link['waiting']} messages wait" if link.get("waiting") else ""
    lines = [
        f"{description['id']}: {description['vendor']} {description['model']}, {description['program']}, {description['state']}",
        f"  CSMS {link['url']}: {link['state']}{version}{registration}{waiting}",
    ]
    lines.extend(f"  fault {fault['name']}: {fault.get('message', '')}" for fault in description.get("faults", ()))
    for evse in description["evses"]:
        lines.extend(_described_evse(evse))
    return lines


def _described_evse(evse: dict[str, Any]) -> list[str]:
    power = f", {evse['power_watt'] / 1000:.1f} kW" if evse.get("power_watt") else ""
    offer = f", offers {evse['limit_ampere']:g} A" if evse.get("limit_ampere") is not None else ""
    contactor = "closed" if evse["contactor_closed"] else "open"
    kind = "simulated" if evse["simulated"] else "hardware"
    lines = [f"  EVSE {evse['id']} ({kind}): pilot {evse['pilot']}, contactor {contactor}{offer}{power}"]
    for connector in evse["connectors"]:
        locked = {True: ", locked", False: ", unlocked"}.get(connector.get("locked"), "")
        lines.append(f"    connector {connector['id']} {connector['kind']}: {connector['status']}{locked}")
    if (transaction := evse.get("transaction")) is not None:
        energy = transaction.get("energy_watt_hour")
        so_far = f", {energy / 1000:.3f} kWh" if energy is not None else ""
        lines.append(f"    transaction {transaction['id']} since {transaction['started']}{so_far}")
    lines.extend(f"    fault {fault['name']}: {fault.get('message', '')}" for fault in evse.get("faults", ()))
    return lines
