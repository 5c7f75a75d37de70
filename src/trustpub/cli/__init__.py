"""The command line: one file a command, imported only when it is called.

Start-up is a feature (a check runs in every commit hook), so the group knows its commands by name and imports
one of them at most.
"""

from __future__ import annotations

import importlib

import click

from trustpub.errors import Broken, TrustpubError
from trustpub.version import __version__

COMMANDS: dict[str, str] = {
    "check": "Say what is wrong with how this repository publishes, and what is not known.",
    "rehearse": "Run the whole release flow on this machine, with the real clients and a local index.",
    "predict": "Say which claims each publishing step will present, and what the index will answer.",
    "oracle": "Decide exchanges and forms given as JSON lines, as PyPI would.",
    "serve": "Run a package index with Trusted Publishing.",
    "admin": "Manage the data of an index: users, tokens, publishers.",
}


EXTRAS = {"serve": "server", "admin": "server", "rehearse": "rehearse"}
"""Which extra holds what a command needs beyond the core."""


class Commands(click.Group):
    """A click group that imports a command's file when that command is called, and no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands without importing them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one command that was asked for."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"trustpub.cli.{cmd_name}")
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
    """Run one command line and return its exit status; errors become one clear line on stderr.

    `launchers` is what `main` hands to commands that start something (a server, a stage): the command line itself never sees
    the composition roots.
    """
    try:
        result = cli.main(args=args, prog_name="trustpub", standalone_mode=False, obj=launchers)
    except TrustpubError as problem:
        return _say(problem)
    except ModuleNotFoundError as problem:
        return _say(_not_installed(problem, args))
    except click.exceptions.Abort:
        click.echo("trustpub: stopped", err=True)
        return 130
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as problem:
        click.echo(_usage(problem), err=True)
        return 2
    return result if isinstance(result, int) else 0


def _not_installed(problem: ModuleNotFoundError, args: list[str]) -> Broken:
    """Which extra brings the package that this command lacks; a module of our own that is missing is a defect, and stays one."""
    package = (problem.name or "").partition(".")[0]
    if package in ("", "trustpub"):
        raise problem
    command = args[0] if args else ""
    step = f'Install it: pip install "trustpub[{EXTRAS.get(command, command)}]"'
    return Broken(f"not installed: `{package}`", why=f"`trustpub {command}` needs it", next_step=step)


def _usage(problem: click.ClickException) -> str:
    """One line for a command line that cannot be used: which command, what is wrong, where its options are."""
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    command = context.command_path if context else "trustpub"
    said = problem.format_message().rstrip(".")
    return f"{command}: {said}{'' if said.endswith('?') else '.'} See `{command} --help`"


def _say(problem: TrustpubError) -> int:
    click.echo(f"trustpub: {problem}", err=True)
    if problem.detail:
        click.echo(problem.detail.rstrip("\n"), err=True)
    return problem.exit_status
