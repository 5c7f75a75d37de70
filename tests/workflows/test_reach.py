"""Whether a run gets to a job: conditions, needs, and what was skipped far up the chain."""

from __future__ import annotations

import pytest

from tests.workflows.samples import workflow
from trustpub.workflows.evaluation import Record, World
from trustpub.workflows.reach import Jobs, Reached

WORLD = World({"github": Record({"event_name": "push"}, "github", open=True), "vars": Record({}, "vars", open=True)})
NO = "github.event_name == 'release'"
PERHAPS = "vars.X"


def reached(jobs: str, name: str = "publish") -> Reached:
    """Say whether a run gets to a job; `jobs` are lines such as `b: {needs: a, if: x}`."""
    found = workflow("on: push\njobs:\n" + "".join(f"  {line}\n" for line in jobs.splitlines()))
    return Jobs(found, WORLD).reached(found.jobs[name])


@pytest.mark.parametrize(
    ("jobs", "runs"),
    [
        ("publish: {}", True),
        (f"publish: {{if: {NO}}}", False),
        (f"publish: {{if: {PERHAPS}}}", None),
        ("a: {}\npublish: {needs: a}", True),
        (f"a: {{if: {NO}}}\npublish: {{needs: a}}", False),
        (f"a: {{if: {PERHAPS}}}\npublish: {{needs: a}}", None),
        (f"a: {{if: {NO}}}\npublish: {{needs: a, if: always()}}", True),
        (f"a: {{if: {NO}}}\npublish: {{needs: a, if: '!cancelled()'}}", True),
        (f"a: {{if: {NO}}}\npublish: {{needs: a, if: '!failure()'}}", True),
        (f"a: {{if: {NO}}}\npublish: {{needs: a, if: success()}}", False),
        (f"a: {{if: {PERHAPS}}}\npublish: {{needs: a, if: success()}}", None),
        (f"a: {{if: {NO}}}\npublish: {{needs: a, if: always() && needs.a.result == 'success'}}", False),
        (f"a: {{if: {NO}}}\npublish: {{needs: a, if: always() && needs.a.result == 'skipped'}}", True),
        (f"a: {{if: {PERHAPS}}}\npublish: {{needs: a, if: always() && needs.a.result == 'success'}}", None),
        ("a: {}\npublish: {needs: a, if: always() && needs.a.result == 'success'}", True),
        (f"a: {{if: {NO}}}\nb: {{needs: a, if: always()}}\npublish: {{needs: b}}", False),
        (f"a: {{if: {NO}}}\nb: {{needs: a, if: always()}}\npublish: {{needs: b, if: always()}}", True),
        (f'a: {{if: {NO}}}\nb: {{needs: a, if: always()}}\npublish: {{needs: b, if: "!failure() && !cancelled()"}}', True),
        ("a: {}\nb: {needs: a}\nc: {needs: a}\npublish: {needs: [b, c]}", True),
        ("a: {}\npublish: {needs: A}", True),
        ("publish: {needs: nope}", False),
        ("a: {needs: publish}\npublish: {needs: a}", False),
        ("publish: {if: false}", False),
        ("publish: {if: False}", False),
        ("publish: {if: ''}", True),
    ],
)
def test_reached(jobs: str, runs: bool | None) -> None:
    """Runs, does not, or depends."""
    assert runs is reached(jobs).runs


@pytest.mark.parametrize(
    ("jobs", "why"),
    [
        (f"publish: {{if: {NO}}}", "the job `publish` is skipped: `if: github.event_name == 'release'` is false"),
        ("publish: {needs: nope}", "the needed job `nope` does not exist"),
        (
            "publish: {if: secrets.X}",
            "GitHub refuses the file: `if: secrets.X` of the job `publish`: `secrets` is not known here",
        ),
        ("publish: {if: a b}", "GitHub refuses the file: `if: a b` of the job `publish`: `b` does not belong here"),
        (
            "publish: {if: \"fromJSON('x')\"}",
            "the job `publish` fails at `if: fromJSON('x')`: `fromJSON()` of a text that is not JSON",
        ),
        (
            "publish: {if: !github.x y}",
            "the `if` of the job `publish`: a leading `!` starts a YAML tag",
        ),
        ("publish: {if: failure()}", "the job `publish` runs only after a failure: `if: failure()`"),
        ("a: {}\npublish: {needs: a, if: \"always() && needs.a.result == 'failure'\"}", "runs only after a failure"),
    ],
)
def test_the_reason_is_said(jobs: str, why: str) -> None:
    """In one sentence."""
    assert why in " ".join(reached(jobs).why)


def test_a_failure_far_away_is_none_of_a_skipped_jobs() -> None:
    """What was skipped cannot have failed."""
    assert False is reached(f"a: {{if: {NO}}}\npublish: {{needs: a, if: \"always() && needs.a.result == 'failure'\"}}").runs


def test_a_long_chain_takes_no_long_time() -> None:
    """Three hundred jobs, each behind the one before."""
    chain = "\n".join(
        f"j{number}: {{needs: [{', '.join(f'j{n}' for n in range(max(0, number - 3), number))}]}}" for number in range(300)
    )
    assert True is reached(f"{chain}\npublish: {{needs: j299}}").runs
