"""How a plan and its outcome are drawn, to the letter."""

from __future__ import annotations

from trustpub.cli.render.plan_text import render_done, render_outcome, render_plan
from trustpub.errors import Denied
from trustpub.usecases.setup.planning import Ending
from trustpub.usecases.setup.run import Outcome, Plan
from trustpub.usecases.setup.step import Change, Done, Step
from trustpub.usecases.setup.walk import Item


def nothing() -> None:
    """Do nothing."""


NEW = Step(
    "environment pypi",
    "github",
    (Change("+", "environment", "", "pypi"), Change("~", "wait_minutes", "0", "10")),
    "Every deployment then waits for `maria`.",
    apply=nothing,
)
MENDED = Step("file .github/workflows/pypi.yml", "files", (Change("~", "line 7", "  a: 1", "  a: 2\n  b: 3"),), apply=nothing)
WRITTEN = Step(
    "file .github/workflows/new.yml",
    "files",
    (Change("+", "new.yml", "", "a new workflow:\non: push\n\njobs:\n"),),
    apply=nothing,
)
BLOCKED = Step("tag rules", "github", (Change("-", "may pass", "role `write`", ""),), cannot="only administrators may: ask one")
UNREAD = Step("publisher lamp on own", "own", cannot="`own` does not list its publishers")
FINE = Step("file trustpub.toml", "files")
PLAN = Plan("octo/lamp", (FINE, MENDED, WRITTEN, NEW, BLOCKED, UNREAD), ("a secret is left over",), ("pypi: nobody answered",))
DRAWN = """\
Files
  ~ file .github/workflows/pypi.yml
      ~ line 7
          -   a: 1
          +   a: 2
          +   b: 3
  + file .github/workflows/new.yml
      + new.yml: a new workflow
          + on: push
          +
          + jobs:

GitHub
  + environment pypi
      + environment   pypi
      ~ wait_minutes  0 -> 10
      who: Every deployment then waits for `maria`.
  ! tag rules
      - may pass  role `write`
      not done: only administrators may: ask one

own
  ? publisher lamp on own
      not done: `own` does not list its publishers

note: a secret is left over
not reached: pypi: nobody answered

octo/lamp: 3 to do, 1 that cannot be done here, 1 that could not be compared, 1 in order.
"""


def test_a_plan_is_drawn_by_party() -> None:
    """A sign for every step and field, lines of files as a diff, who gains power, what is not done and why."""
    assert DRAWN == render_plan(PLAN)


def test_colours_change_no_word() -> None:
    """With a style the same text is drawn, only marked."""
    assert DRAWN == render_plan(PLAN, lambda text, _: f"<{text}>").replace("<", "").replace(">", "").replace(" - 10", " -> 10")


def test_nothing_to_do_is_one_line() -> None:
    """What is in order is not listed."""
    assert "octo/lamp: nothing to do.\n" == render_plan(Plan("octo/lamp", (FINE,)))
    assert render_plan(Plan("octo/lamp", (FINE,), (), ("x",))).endswith("octo/lamp: nothing to do in what could be read.\n")


def test_what_could_drive_a_terminal_is_drawn_harmless() -> None:
    """Names come from outside: an escape among them is a mark."""
    step = Step("environment \x1b[31mred", "github", (Change("+", "reviewer", "", "\x1b]0;title\x07"),), apply=nothing)

    assert "\x1b" not in render_plan(Plan("octo/lamp", (step,)))
    assert "\x1b" not in render_done(Done(step, "differs", note="\x1b[2J"))


def test_a_file_that_could_not_be_written_is_not_drawn_again() -> None:
    """Its lines stand in the plan; in one line of a table nobody could read them."""
    drawn = render_outcome(Outcome(PLAN, (Done(WRITTEN, "differs", WRITTEN.changes),)), Ending((), None))

    assert "differs   file .github/workflows/new.yml\n            + new.yml\n\n1 differs." in drawn


def test_an_outcome_is_a_table_with_the_checklist() -> None:
    """Every step with its state and what is left of it, what stopped it, and how far each item is."""
    problem = Denied("the ruleset", why="GitHub refuses it")
    done = (Done(NEW, "proven"), Done(MENDED, "proven"), Done(BLOCKED, "differs", BLOCKED.changes, str(problem)))
    ending = Ending((Item("account", "stated", "since today", "pypi"), Item("id-token", "missing", "no job asks")), None)

    assert """\
proven    environment pypi
proven    file .github/workflows/pypi.yml
differs   tag rules
            - may pass  role `write`

2 proven, 1 differs.
Stopped: the ruleset: GitHub refuses it. Run it again when that is settled: what is done is not done twice.
Next: commit and push `.github/workflows/pypi.yml`: GitHub runs what is pushed.

Checklist
  account on pypi  stated   since today
  id-token         missing  no job asks
""" == render_outcome(Outcome(PLAN, done, problem), ending)
