"""`trustpub serve`: run a package index with Trusted Publishing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080


class Starter(Protocol):
    """What this command is given to start a server with."""

    def serve(self, settings: ServerSettings, ready: Callable[[str], None]) -> int:
        """Run the index until it is told to stop."""
        ...


@click.command("serve", short_help="Run a package index with Trusted Publishing.")
@click.option("--data", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the index keeps everything.")
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="The address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings of the index (TOML).")
@click.option("--tls-cert", type=click.Path(path_type=Path), metavar="FILE", help="Certificate chain (PEM), to serve https.")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="FILE", help="The certificate's private key (PEM).")
@click.pass_obj
def command(
    starter: Starter, data: Path, host: str, port: int, config: Path | None, tls_cert: Path | None, tls_key: Path | None
) -> int:
    """Run a package index with Trusted Publishing until it is told to stop (SIGTERM, Ctrl-C).

    Prints one line of JSON when it listens: {"ready": true, "url": ...}. GitHub and GitLab are issuers without any
    configuration.
    """
    from trustpub.settings import load

    settings = load(data, config, host, port, tls_cert, tls_key)
    return starter.serve(settings, _ready)


def _ready(url: str) -> None:
    click.echo(json.dumps({"ready": True, "url": url}))
