"""`trustpub setup`: make the workflow, GitHub's settings and the publishers agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import click

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.setup.planning import Planned, Setup
    from trustpub.usecases.setup.run import Plan
    from trustpub.usecases.setup.step import Done

EVENTS = ("tag", "release")


class Launcher(Protocol):
    """What this command is given to reach anybody."""

    def outside(self) -> Outside:
        """The world outside."""


@click.command("setup")
@click.argument("path", default=".", type=click.Path())
@click.option("--index", "indexes", multiple=True, help="Only this index; may be given more than once.")
@click.option("--package", help="The package's folder, when there are several.")
@click.option("--workflow", default="", help="The file name of a workflow that has to be written.")
@click.option("--event", type=click.Choice(EVENTS), default="tag", show_default=True, help="What starts a release.")
@click.option("--reviewer", "reviewers", multiple=True, help="Who approves releases: a user, or a team as org/team.")
@click.option("--solo", is_flag=True, help="Nobody else can approve: no reviewers.")
@click.option("--prune", is_flag=True, help="Take away refs and publishers that trustpub.toml does not name.")
@click.option("--yes", is_flag=True, help="Ask nothing: apply the plan.")
@click.option("--dispatch", is_flag=True, help="Start the test deployment without asking.")
@click.option("--dry-run", is_flag=True, help="Draw the plan, and change nothing.")
@click.option("--check", is_flag=True, help="Draw the plan, change nothing, and exit 1 when anything differs.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to report.")
@click.pass_obj
def command(
    launchers: Launcher,
    path: str,
    indexes: tuple[str, ...],
    package: str | None,
    workflow: str,
    event: Literal["tag", "release"],
    reviewers: tuple[str, ...],
    solo: bool,
    prune: bool,
    yes: bool,
    dispatch: bool,
    dry_run: bool,
    check: bool,
    form: str,
) -> int:
    """Set Trusted Publishing up for the repository at PATH (default: here), or bring it back to what trustpub.toml says.

    Reads the files, GitHub's settings and the indexes, draws what differs, asks, and changes it: files first, then GitHub's
    environments and tag rules, then the publishers. Every change is read back. It can be stopped anywhere and run again; what
    is done is not done twice, and what it did not make is not taken away.
    """
    from trustpub.cli.asking import Terminal
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.setup.planning import Setup, planned
    from trustpub.usecases.setup.wishes import Wishes

    if solo and reviewers:
        raise BadInput("--solo", why="it says that nobody reviews, and --reviewer names somebody", next_step="Give one of them")
    if form == "json" and not (yes or dry_run or check):
        raise BadInput("--format json", why="nobody can be asked in it", next_step="Add --check, --dry-run or --yes")
    reviewers = tuple(name.removeprefix("@") for name in reviewers)
    if not all(reviewers):
        raise BadInput("--reviewer", why="the name is empty", next_step="Name a user, or a team as `org/team`")
    wishes = Wishes(indexes, workflow, reviewers, True if solo else None, event, (package,) if package else ())
    outside, ask = launchers.outside(), Terminal(allowed=yes)
    setup = Setup(Checkout.open(path), Addresses(outside.cache), outside, ask, wishes, package, indexes, prune, dispatch)
    made = planned(setup)
    return _carry_out(setup, made, form, dry=check or dry_run, strict=check)


def _carry_out(setup: Setup, made: Planned, form: str, *, dry: bool, strict: bool) -> int:
    """Draw the plan and stop there, or ask and apply it."""
    plan, ask = made.plan, setup.ask
    if plan.unreachable and not dry:
        _draw(plan, form)
        ask.tell("Nothing was changed: a setup has to reach everybody first. Run it again when they answer.")
        return 3
    if dry:
        _draw(plan, form)
        return _standing(plan, strict=strict)
    if form == "text":
        _draw(plan, form)
    if plan.doable and form == "text":
        count = len(plan.doable)
        if not ask.allows(f"Apply {'this step' if count == 1 else f'these {count} steps'}?"):
            ask.tell("Nothing was changed. `--yes` applies the plan without asking.")
            return 1
    return _apply(setup, made, form)


def _draw(plan: Plan, form: str) -> None:
    import sys

    from trustpub.cli.terminal import coloured, say, styled

    if form == "json":
        from trustpub.cli.render.plan_json import render_plan_json

        say(render_plan_json(plan))
        return
    from trustpub.cli.render.plan_text import render_plan

    say(render_plan(plan, styled) if coloured(sys.stdout) else render_plan(plan))


def _standing(plan: Plan, *, strict: bool) -> int:
    """Say by the exit status whether anything differs, or somebody could not be asked."""
    if strict and plan.differing:
        return 1
    return 3 if plan.unreachable or (strict and plan.unread) else 0


def _apply(setup: Setup, made: Planned, form: str) -> int:
    import sys

    from trustpub.cli.render.plan_text import render_done, render_outcome
    from trustpub.cli.terminal import coloured, complain, say, styled
    from trustpub.usecases.setup.planning import ended
    from trustpub.usecases.setup.run import carried_out

    def told(done: Done) -> None:
        if done.step.changes:
            complain(render_done(done))

    try:
        outcome = carried_out(made.plan, told)
    except (click.Abort, KeyboardInterrupt):
        setup.ask.tell("Stopped here. What is done stays done, and nothing is done twice: run it again to go on.")
        raise
    ending = ended(setup, made, outcome)
    if form == "json":
        from trustpub.cli.render.plan_json import render_outcome_json

        say(render_outcome_json(outcome, ending))
    else:
        say(render_outcome(outcome, ending, styled) if coloured(sys.stdout) else render_outcome(outcome, ending))
    return outcome.exit_status
