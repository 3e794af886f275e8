"""`chargepoint completion`: prints the script that completes commands and options in a shell."""

import click

from chargepoint.cli import output


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      chargepoint completion bash > ~/.local/share/bash-completion/completions/chargepoint
      chargepoint completion zsh > "${fpath[1]}/_chargepoint"
      chargepoint completion fish > ~/.config/fish/completions/chargepoint.fish
    """
    from click.shell_completion import get_completion_class

    from chargepoint.cli.root import chargepoint

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    script = kind(chargepoint, {}, "chargepoint", "_CHARGEPOINT_COMPLETE")
    output.data(script.source_template % script.source_vars())  # source() would ask bash for its version, and warn
