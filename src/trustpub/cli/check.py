"""`trustpub check`: what is wrong with how this repository publishes, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.options import Option, Table
from trustpub.domain.findings import SEVERITIES, rank

if TYPE_CHECKING:
    from trustpub.usecases.report import Report


TABLE = Table(
    "check",
    """Check the repository at PATH (default: here).""",
    argument="path",
    argument_default=".",
    options=(
        Option("offline", "--offline", "Ask nobody: files only.", switch=True),
        Option("fail_on", "--fail-on", "Exit 1 from this severity on.", SEVERITIES, "high"),
        Option("form", "--format", "How to report.", ("text", "json"), "text"),
    ),
)


def run(path: str, offline: bool, fail_on: str, form: str) -> int:  # noqa: ARG001 - nobody is asked yet
    """Check, report, and say by the exit status whether something at least this severe was found."""
    from trustpub.cli.terminal import say
    from trustpub.parties.cache import cache_folder
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.check import run as check

    report = check(Checkout.open(path), Addresses(cache_folder()))
    say(_render(report, form))
    level = SEVERITIES.index(fail_on)
    return 1 if any(rank(finding.severity) <= level for finding in report.findings) else 0


def _render(report: Report, form: str) -> str:
    if form == "json":
        from trustpub.cli.render.check_json import render_json

        return render_json(report)
    from trustpub.cli.render.check_text import render_text

    return render_text(report)
