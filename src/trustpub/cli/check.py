"""`trustpub check`: what is wrong with how this repository publishes, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.options import ASKED, Option, Table
from trustpub.domain.findings import SEVERITIES, rank

if TYPE_CHECKING:
    from typing import Protocol

    from trustpub.parties.git import Checkout
    from trustpub.usecases.asked import Options
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.report import Report
    from trustpub.usecases.three_sides import Sides

    class Launchers(Protocol):
        """What a check may start: the world outside."""

        def outside(self) -> Outside:
            """Hand it over."""


FORMATS = ("text", "json", "sarif", "github", "html")
TABLE = Table(
    "check",
    """Check the repository at PATH (default: here).""",
    argument="path",
    argument_default=".",
    options=(
        *ASKED,
        Option("offline", "--offline", "Ask nobody: files only.", switch=True),
        Option("fail_on", "--fail-on", "Exit 1 from this severity on.", SEVERITIES, "high"),
        Option("no_cache", "--no-cache", "Check anew, also what has not changed since the last time.", switch=True),
        Option("form", "--format", "How to report.", FORMATS, "text"),
        Option("fix", "--fix", "Make the safe fixes, and report what remains.", switch=True),
        Option("unsafe", "--unsafe-fixes", "With --fix or --diff: fixes too that may change what a workflow does.", switch=True),
        Option("diff", "--diff", "Draw the fixes as a diff, and write nothing.", switch=True),
        Option("baseline", "--baseline", "Leave out the findings of this file (default: .trustpub-baseline.json of the root)."),
        Option("write_baseline", "--write-baseline", "Write all findings to the baseline.", switch=True),
    ),
    launched=True,
)


def run(
    path: str,
    index: str | None,
    workflow: str | None,
    job: str | None,
    event: str | None,
    package: str | None,
    offline: bool,
    fail_on: str,
    no_cache: bool,
    form: str,
    fix: bool,
    unsafe: bool,
    diff: bool,
    baseline: str | None,
    write_baseline: bool,
    launchers: Launchers | None = None,
) -> int:
    """Check, report, and say by the exit status whether something at least this severe was found, or somebody not reached.

    Without launchers nobody can be asked, and with `offline` nobody is.
    """
    from trustpub.cli.terminal import complain, say
    from trustpub.parties.cache import cache_folder
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.asked import Options
    from trustpub.usecases.checking import Wishes, settled

    folder, checkout = cache_folder(), Checkout.open(path)
    options = Options(index, workflow, job, event, package)
    report = _analysed(checkout, folder, options) if no_cache else _remembered(checkout, folder, options)
    sides = None
    if launchers is not None and not offline and (report.uploads or report.publishers):
        report, sides = _asked(checkout, folder, options, launchers)
    wishes = Wishes(fix, unsafe, diff, baseline, write_baseline)
    done = settled(checkout, report, wishes, lambda: Addresses(folder), options, sides)
    say(_render(done.report, form, path) if done.diff is None else done.diff)
    for note in done.notes:
        complain(note)
    level = SEVERITIES.index(fail_on)
    if any(rank(finding.severity) <= level for finding in done.report.findings):
        return 1
    return 3 if done.report.unreachable else 0


def _asked(checkout: Checkout, folder: str, options: Options, launchers: Launchers) -> tuple[Report, Sides]:
    """Ask GitHub and the indexes, and check again with what they told. What they told is never kept for another run."""
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.check import ask_sides
    from trustpub.usecases.check import run as check

    addresses = Addresses(folder)
    sides = ask_sides(checkout, addresses, launchers.outside(), options)
    return check(checkout, addresses, options=options, sides=sides), sides


def _remembered(checkout: Checkout, folder: str, options: Options) -> Report:
    from trustpub.usecases.check_cache import cached

    asked = [f"{name}={value}" for name, value in options._asdict().items() if value is not None]
    return cached(checkout, asked, f"{folder}/check", lambda: _analysed(checkout, folder, options))


def _analysed(checkout: Checkout, folder: str, options: Options) -> Report:
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.check import run as check

    return check(checkout, Addresses(folder), options=options)


def _render(report: Report, form: str, path: str) -> str:
    """Draw the report; only the one renderer that is asked for is imported."""
    from importlib import import_module

    if form == "text":
        return _text(report, path)
    if form == "github":
        from trustpub.cli.render.check_github import render_summary
        from trustpub.cli.terminal import summarise

        summarise(render_summary(report))
    result: str = getattr(import_module(f"trustpub.cli.render.check_{form}"), f"render_{form}")(report)
    return result


def _text(report: Report, path: str) -> str:
    import sys

    from trustpub.cli.render.check_text import render_text
    from trustpub.cli.terminal import coloured, styled

    if coloured(sys.stdout):
        return render_text(report, lambda text, colour: styled(text, colour, bold=True), path)
    return render_text(report, path=path)
