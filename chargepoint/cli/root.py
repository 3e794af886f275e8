"""The command `chargepoint`: its subcommands, and what becomes of their errors."""

import sys
from importlib import import_module
from typing import Any, Final

import click

from chargepoint import __version__
from chargepoint.cli import output
from chargepoint.cli.exits import EXIT_OF, Exit

COMMANDS: Final = {
    "run": ("chargepoint.cli.run:run", "Run a station."),
    "demo": ("chargepoint.cli.demo:demo", "Watch a whole charging session, with a central system and a car."),
    "fleet": ("chargepoint.cli.fleet:fleet", "Run, check and describe many stations."),
    "csms": ("chargepoint.cli.csms:csms", "Run the embedded central system."),
    "ctl": ("chargepoint.cli.ctl:ctl", "Plug in, tap a card, raise a fault: act on a running station."),
    "config": ("chargepoint.cli.config:config", "Write, check and show configuration files."),
    "hal": ("chargepoint.cli.hal:hal", "List hardware drivers, and try the hardware of a configuration."),
    "completion": ("chargepoint.cli.completion:completion", "Print the completion script of a shell."),
}

EXAMPLES: Final = """\b
Examples:
  chargepoint demo
  chargepoint config init station.toml
  chargepoint run --config station.toml
  chargepoint ctl plug 1
"""


class LazyGroup(click.Group):
    """A group whose subcommands are imported when they are called. lazy: name → (module:attribute, short help)."""

    def __init__(self, *arguments: Any, lazy: dict[str, tuple[str, str]] | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.lazy[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name. Raises: click.UsageError with the nearest one."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from chargepoint.config.problem import nearest

            names = self.list_commands(ctx)
            near = nearest(name, names)
            hint = f"did you mean {near}?" if near is not None else f"there are {', '.join(names)}."
            raise click.UsageError(f"there is no command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help text, without importing anything."""
        rows = [(name, summary) for name, (_, summary) in self.lazy.items()]
        rows.extend((name, command.get_short_help_str()) for name, command in self.commands.items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(
    "chargepoint",
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def chargepoint() -> None:
    """An OCPP charging station: 1.6J, 2.0.1 and 2.1, on real or simulated hardware."""


def run(arguments: list[str]) -> int:
    """Carry out a command line. Returns the exit code; what a person has to know is on standard error by then."""
    try:
        result = chargepoint.main(arguments, prog_name="chargepoint", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return Exit.INTERRUPTED
    except Exception as error:
        return _explain(error)
    return int(result) if isinstance(result, int) else Exit.OK


def _explain(error: Exception) -> int:
    """Tell the person in a sentence what to do; a defect of ours keeps its traceback. Returns the exit code."""
    from chargepoint.api.address import AddressError
    from chargepoint.api.agent import StartFailed
    from chargepoint.api.client import ControlError, Refused
    from chargepoint.config.problem import ConfigurationError
    from hal.contract import HardwareError

    codes: dict[type[Exception], Exit] = {
        ConfigurationError: Exit.USAGE,
        AddressError: Exit.CONTROL,
        ControlError: Exit.CONTROL,
        Refused: Exit.FAILED,
        HardwareError: Exit.HARDWARE,
    }
    if isinstance(error, click.ClickException):
        _complain_of_usage(error)
        return error.exit_code
    code = EXIT_OF[error.failure] if isinstance(error, StartFailed) else codes.get(type(error))
    if code is None:
        sys.excepthook(type(error), error, error.__traceback__)
        return Exit.INTERNAL
    output.complain(str(error))
    return code


def _complain_of_usage(error: click.ClickException) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        output.talk(error.format_message())
        return
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context is not None else ""
    output.complain(f"{message[:1].lower()}{message[1:]}{hint}")
