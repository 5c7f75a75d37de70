"""build, unmodified: `python -m build` in the package's folder."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import TYPE_CHECKING

from trustpub.errors import Broken
from trustpub.parties.clients import programs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TAIL_LINES = 40
_TIMEOUT = 1800.0


class Build:
    """Builds an sdist, and from it a wheel, as the packaging guides tell a workflow to do."""

    def build(self, package: Path, into: Path, *, isolated: bool) -> tuple[Path, ...]:
        """Build `package` into the folder `into`.

        This is the one part that runs before the seal: an isolated build may install its backend from the person's own index, in
        the person's own environment. errors.Broken shows the end of the build's own output.
        """
        words = [*_build(), "--outdir", str(into), *([] if isolated else ["--no-isolation"]), str(package)]
        done = programs.run(words, os.environ, package, timeout=_TIMEOUT)
        if not done.ok:
            raise Broken(
                f"build fails: `{package.name}` (exit status {done.exit_code})",
                next_step=_advice(isolated=isolated),
                detail="\n".join(done.output.splitlines()[-_TAIL_LINES:]),
            )
        return distributions(into)


def distributions(folder: Path) -> tuple[Path, ...]:
    """The sdists and wheels in a folder, in the order in which clients send them: wheels first, by name."""
    found = [path for path in folder.iterdir() if path.is_file() and path.name.endswith((".whl", ".tar.gz"))]
    return tuple(sorted(found, key=lambda path: (path.suffix != ".whl", path.name)))


def _advice(*, isolated: bool) -> str:
    other = "--no-isolation builds with what is installed here" if isolated else "an isolated build installs what it needs"
    return f"Its own output follows; {other}, --dist DIR takes files that are already built"


def _build() -> Sequence[str]:
    if _installed("build"):
        return [sys.executable, "-P", "-m", "build"]
    try:
        return [programs.find("pyproject-build")]
    except Broken:
        raise Broken("client not installed: `build`", why="a rehearsal builds the package", next_step=programs.INSTALL) from None


def _installed(module: str) -> bool:
    """Whether this Python has the module itself; a folder of that name in the checkout is not it."""
    spec = importlib.util.find_spec(module)
    return spec is not None and spec.origin is not None
