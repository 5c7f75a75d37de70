"""From how a command ended to the process's exit status: the one place for both ways into a command."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from trustpub.cli.terminal import complain
from trustpub.errors import Broken, TrustpubError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXTRAS = {"serve": "server", "admin": "server", "rehearse": "rehearse"}
"""Which extra holds what a command needs beyond the core."""

INTERRUPTED = 130
"""What a shell expects of a program that was stopped by Ctrl-C."""


def status_of(work: Callable[[], int], args: Sequence[str]) -> int:
    """Do the work of one command line and return its exit status; errors become one clear line on stderr."""
    try:
        return work()
    except TrustpubError as problem:
        return _say(problem)
    except ModuleNotFoundError as problem:
        return _say(_not_installed(problem, args))
    except KeyboardInterrupt:
        complain("\ntrustpub: stopped")
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_output()
        return 1


def _not_installed(problem: ModuleNotFoundError, args: Sequence[str]) -> Broken:
    """Which extra brings the package that this command lacks; a module of our own that is missing is a defect, and stays one."""
    package = (problem.name or "").partition(".")[0]
    if package in ("", "trustpub"):
        raise problem
    command = args[0] if args else ""
    step = f'Install it: pip install "trustpub[{EXTRAS.get(command, command)}]"'
    return Broken(f"not installed: `{package}`", why=f"`trustpub {command}` needs it", next_step=step)


def _say(problem: TrustpubError) -> int:
    complain(f"trustpub: {problem}")
    if problem.detail:
        complain(problem.detail.rstrip("\n"))
    return problem.exit_status


def _let_go_of_output() -> None:
    """Whoever read us has gone (`| head`): what is still to be written goes nowhere, and Python does not complain at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
