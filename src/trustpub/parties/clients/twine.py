"""twine, unmodified: `twine upload -r pypi`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.clients import programs
from trustpub.parties.clients.environment import job_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustpub.parties.clients.port import ClientRun, Seat


class Twine:
    """Publishes as a workflow with `twine upload` does, and as the publish action's container does in the end."""

    name = "twine"

    def __init__(self, program: str = "twine") -> None:
        self._program = program

    def version(self) -> str:
        """The version that `twine --version` prints."""
        return programs.version_of(self._program)

    def not_here(self, index: str) -> str:
        """Twine tries Trusted Publishing for PyPI's own two addresses only. Mirrors: twine/auth.py 7.0.0."""
        if index in ("pypi", "testpypi"):
            return ""
        return "twine does Trusted Publishing on PyPI and TestPyPI only; for another index the publish action or uv does it"

    def upload(self, dists: Sequence[Path], seat: Seat) -> ClientRun:
        """Upload in one call.

        `REQUESTS_CA_BUNDLE`, not `TWINE_CERT`: the session that asks for the audience and mints ignores the latter.
        """
        words = [programs.find(self._program), "upload", "--non-interactive", "--disable-progress-bar", "-r", seat.index]
        environment = job_environment(
            seat,
            {
                "REQUESTS_CA_BUNDLE": str(seat.ca_file),
                "TWINE_NON_INTERACTIVE": "1",
                "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
                "NO_COLOR": "1",
            },
        )
        return programs.run([*words, *map(str, dists)], environment, seat.folder, secrets=[seat.token_request_token])
