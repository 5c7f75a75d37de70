"""The process of a setup is killed while GitHub has its request in hand; the next one completes what is there."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Literal

import pytest

from tests.conftest import Scale
from tests.journeys.desk import LIMIT, TRUSTPUB, Desk, at_work

ACCOUNT = "\n[accounts.own]\nstated = 2026-09-01\n"
SETUP = ("setup", "--index", "own", "--yes")
Mode = Literal["before", "after"]


def held(desk: Desk) -> object:
    """What is in the files and on GitHub, without numbers and times."""
    repository = desk.fake.repositories["octo/lamp"]
    environments = [
        (each.name, each.reviewers, each.branch_policy, sorted((policy.type, policy.name) for policy in each.policies.values()))
        for each in repository.environments.values()
    ]
    rulesets = [(each.name, each.enforcement, each.conditions, each.rules) for each in repository.rulesets.values()]
    files = [
        (desk.root / name).read_text().replace(desk.index, "INDEX") for name in ("trustpub.toml", ".github/workflows/pypi.yml")
    ]
    return environments, rulesets, files


def killed(desk: Desk, call: int, mode: Mode) -> bool:
    """Start a setup and kill it at this call: before GitHub carries it out, or before its answer is read. False: it had fewer."""
    process = subprocess.Popen(
        [str(TRUSTPUB), *SETUP],
        cwd=desk.root,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    desk.github.on_death = process.kill
    desk.fake.die_at(call, mode)
    status = process.wait(LIMIT)
    assert status in (0, -9)
    return status == -9


@pytest.mark.usefixtures("only_long")
@pytest.mark.parametrize("mode", ["before", "after"])
def test_killed_processes_leave_nothing_half_done(tmp_path: Path, scale: Scale, mode: Mode) -> None:
    """Killed again and again, each time a few calls later, the last one that lives ends where an undisturbed one does."""
    with at_work(tmp_path / "a") as whole, at_work(tmp_path / "b") as desk:
        for each in (whole, desk):
            toml = each.root / "trustpub.toml"
            toml.write_text(f'[indexes.own]\nurl = "{each.index}/legacy/"\n{ACCOUNT}')
        assert 0 == whole.run(*SETUP).returncode
        calls = len(whole.fake.requests)
        for call in range(scale(12, 1), calls, scale(max(calls // 2, 1), 1)):
            if not killed(desk, call, mode):
                break  # so much is done by now that a run needs fewer calls
        desk.fake.die_at(10**9, mode)
        done = desk.run(*SETUP)

        assert 0 == done.returncode, done.stdout
        assert held(whole) == held(desk)
        assert 0 == desk.run("setup", "--index", "own", "--check").returncode
