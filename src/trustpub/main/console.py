"""The entry point: `trustpub ARGS`.

`--version` is answered before anything is imported, because it is what scripts and completion call most.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line of this process and return its exit status (0, 1, 2 or 3; see the contracts in the reference)."""
    args = sys.argv[1:]
    try:
        status = command_line(args)
    except Exception:  # noqa: BLE001 - a defect of ours, whatever it is; nothing else would be between it and the terminal
        from trustpub.main.defect import report

        return report()
    if args and args[0] in ("check", "predict"):
        _leave(status)
    return status


def _leave(status: int) -> None:
    """End the process here: taking a hundred modules apart, one by one, is a tenth of a whole check.

    Nothing is left to be done: there are no threads, no temporary files, and what was said is flushed. A process that is being
    measured or debugged is let end by itself.
    """
    if sys.gettrace() is None and sys.getprofile() is None and "coverage" not in sys.modules:
        import os

        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # whoever read us has gone: Python knows what to do then
        os._exit(status)


def command_line(args: list[str]) -> int:
    """Run one command line and return its exit status."""
    if args in (["--version"], ["-V"]):
        from trustpub.version import __version__

        sys.stdout.write(f"trustpub {__version__}\n")
        return 0
    from trustpub.cli import QUICK, run
    from trustpub.main.launchers import Launchers

    if args and args[0] in QUICK:
        import gc

        from trustpub.main.lean_yaml import install

        # A check keeps nearly all that it makes until it ends: looking through it for garbage again and again is a tenth of it.
        gc.disable()
        install()
    return run(args, Launchers())
