"""The entry point: `trustpub ARGS`.

`--version` is answered before anything is imported, because it is what scripts and completion call most.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit status (0, 1, 2 or 3; see the contracts in the reference)."""
    args = sys.argv[1:]
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
