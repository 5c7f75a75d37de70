"""The command line: one file a command, imported only when it is called.

Start-up is a feature (a check runs in every commit hook), so an ordinary command line is read without click: see `quick.py`.
"""

from __future__ import annotations

import os
from importlib import import_module

from trustpub.cli.quick import parse
from trustpub.cli.status import status_of

COMMANDS: dict[str, str] = {
    "check": "Say what is wrong with how this repository publishes, and what is not known.",
    "rules": "List the rules of check, or explain one.",
    "rehearse": "Run the whole release flow on this machine, with the real clients and a local index.",
    "predict": "Say which claims each publishing step will present, and what the index will answer.",
    "setup": "Make the workflow, GitHub's settings and the publishers agree.",
    "preflight": "Say inside a CI job what the index will answer to it, before anything is built.",
    "explain": "Say why a release failed, from its log: the cause, the field that differs, the fix.",
    "oracle": "Decide exchanges and forms given as JSON lines, as PyPI would.",
    "serve": "Run a package index with Trusted Publishing.",
    "admin": "Manage the data of an index: users, tokens, publishers.",
}

QUICK = ("check", "predict")
"""The commands whose file holds a table of options, so that ordinary command lines need no click."""


def run(args: list[str], launchers: object) -> int:
    """Run one command line and return its exit status; errors become one clear line on stderr.

    `launchers` is what `main` hands to commands that start something (a server, a stage): the command line itself never sees
    the composition roots.
    """
    return status_of(lambda: _run(args, launchers), args)


def _run(args: list[str], launchers: object) -> int:
    if args and args[0] in QUICK:
        command = import_module(f"trustpub.cli.{args[0]}")
        values = parse(command.TABLE, args[1:], os.environ)
        if values is not None:
            status: int = command.run(**values, **({"launchers": launchers} if command.TABLE.launched else {}))
            return status
    from trustpub.cli import group

    return group.run(args, launchers)
