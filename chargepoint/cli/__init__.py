"""The command line. Subcommands are imported when they are called, so that `run` loads no more than it needs."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    from chargepoint.cli.root import run

    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))
