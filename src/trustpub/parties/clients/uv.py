"""uv, unmodified: `uv publish --trusted-publishing always`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.clients import programs
from trustpub.parties.clients.environment import job_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustpub.parties.clients.port import ClientRun, Seat


class Uv:
    """Publishes as a workflow with `uv publish` does; it believes that it talks to the real index."""

    name = "uv"

    def __init__(self, program: str = "uv") -> None:
        self._program = program

    def version(self) -> str:
        """The version that `uv --version` prints."""
        return programs.version_of(self._program)

    def not_here(self, index: str) -> str:
        """Nothing: uv does Trusted Publishing on any index that speaks https."""
        return ""

    def upload(self, dists: Sequence[Path], seat: Seat) -> ClientRun:
        """Upload in one call. For PyPI the address is uv's own default, so that even that is rehearsed."""
        where = [] if seat.index == "pypi" else ["--publish-url", seat.upload_url]
        words = [
            programs.find(self._program),
            "publish",
            "--no-config",
            "--no-progress",
            "--trusted-publishing",
            "always",
            *where,
        ]
        environment = job_environment(
            seat,
            # no second try: what the stage refuses it refuses again
            {"SSL_CERT_FILE": str(seat.ca_file), "UV_NO_CONFIG": "1", "UV_KEYRING_PROVIDER": "disabled", "UV_HTTP_RETRIES": "0"},
        )
        return programs.run([*words, *map(str, dists)], environment, seat.folder, secrets=[seat.token_request_token])
