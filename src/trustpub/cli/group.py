"""The command line as click sees it: the group of all commands, their help, completion and complaints."""

from __future__ import annotations

import importlib

import click

from trustpub.cli import COMMANDS
from trustpub.cli.options import click_command
from trustpub.cli.status import INTERRUPTED
from trustpub.cli.terminal import complain
from trustpub.version import __version__


class Commands(click.Group):
    """A click group that imports a command's file when that command is called, and no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands without importing them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one command that was asked for. A file holds click's own command, or a table and what it runs."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"trustpub.cli.{cmd_name}")
        if hasattr(module, "TABLE"):
            return click_command(module.TABLE, module.run)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above: help must not import a single one of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the right commands when a wrong one was asked for."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as problem:
            raise click.UsageError(f"{problem.message} Commands: {', '.join(COMMANDS)}.", ctx=ctx) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="trustpub", message="%(prog)s %(version)s")
def cli() -> None:
    """Publish Python packages without tokens, and prove it before the tag is pushed."""


def run(args: list[str], launchers: object) -> int:
    """Run one command line by click; a command line that cannot be used becomes one line on stderr and status 2."""
    try:
        result = cli.main(args=args, prog_name="trustpub", standalone_mode=False, obj=launchers)
    except click.exceptions.Abort:
        complain("trustpub: stopped")
        return INTERRUPTED
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as problem:
        complain(_usage(problem))
        return 2
    return result if isinstance(result, int) else 0


def _usage(problem: click.ClickException) -> str:
    """One line for a command line that cannot be used: which command, what is wrong, where its options are."""
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    command = context.command_path if context else "trustpub"
    said = " ".join(problem.format_message().split()).rstrip(".")  # click lists the values of a choice in lines of their own
    return f"{command}: {said}{'' if said.endswith('?') else '.'} See `{command} --help`"
