"""`trustpub check`: what is wrong with how this repository publishes, and what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trustpub.domain.findings import SEVERITIES, rank

if TYPE_CHECKING:
    from trustpub.usecases.report import Report


@click.command("check")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--offline", is_flag=True, help="Ask nobody: files only.")
@click.option("--fail-on", type=click.Choice(SEVERITIES), default="high", show_default=True, help="Exit 1 from this severity on.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to report.")
def command(path: Path, offline: bool, fail_on: str, form: str) -> int:
    """Check the repository at PATH (default: here)."""
    from platformdirs import user_cache_path

    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.check import run

    report = run(Checkout.open(path), Addresses(user_cache_path("trustpub")))
    click.echo(_render(report, form), nl=False)
    level = SEVERITIES.index(fail_on)
    return 1 if any(rank(finding.severity) <= level for finding in report.findings) else 0


def _render(report: Report, form: str) -> str:
    if form == "json":
        from trustpub.cli.render.check_json import render_json

        return render_json(report)
    from trustpub.cli.render.check_text import render_text

    return render_text(report)
