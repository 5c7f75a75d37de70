"""kill -9 at random moments under load: what was acknowledged is there, nothing else is, and no ID token was spent twice."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from bench.rows.exchanges import prepare, sign
from bench.rows.uploads import basic
from bench.server import cli
from tests.conftest import Scale
from tests.journeys.crash.load import Load, Sent, ask
from tests.journeys.crash.server import STEPS, Server, download, steps_reached, token_key, whole_listing
from trustpub.parties.issuer.signing import SigningKey

PROJECTS = [f"package-{n}" for n in range(5)]


class Story:
    """All rounds on one data folder: every intent, every acknowledgement."""

    def __init__(self, scratch: Path, seed: int) -> None:
        self.keys = SigningKey.generate()
        self.data, self.config = scratch / "data", scratch / "serve.toml"
        self.config.write_text(prepare(scratch, self.keys, projects=3))
        token = cli("admin", "--data", str(self.data), "token", "create", "hana", "--scope", "upload").split()[-1]
        self.authorization = basic("__token__", token)
        self.random = random.Random(seed)
        self.versions = itertools.count(1)
        self.intended: dict[str, str] = {}
        self.acknowledged: dict[str, str] = {}
        self.spent: set[str] = set()
        self.steps: Counter[str] = Counter()

    def round(self) -> None:
        """Start, load, kill, start again, check, stop."""
        server = Server(self.data, self.config)
        load = Load(server.port, self.authorization, sign(self.keys, 150, projects=3), self.versions)
        load.start()
        load.wait_for_an_upload()
        time.sleep(self.random.uniform(0.0, 0.3))
        server.kill()
        load.join()
        self.remember(load.log)
        again = Server(self.data, self.config)
        try:
            self.check_files(again.port, [sent.name for sent in load.log if sent.kind == "upload"])
            self.check_tokens(again.port, [sent for sent in load.log if sent.kind == "exchange"])
        finally:
            again.terminate()

    def remember(self, log: list[Sent]) -> None:
        """Count the steps that this kill met, and keep what was promised."""
        self.steps += steps_reached(self.data, log, self.spent)
        for sent in log:
            if sent.kind == "upload":
                self.intended[sent.name] = sent.sha256
                if sent.status == 200:
                    self.acknowledged[sent.name] = sent.sha256

    def check_files(self, port: int, names: list[str]) -> None:
        """Acknowledged means listed, listed means sent whole; the files of this round download with their hash."""
        listed = whole_listing(port, PROJECTS)
        assert {name: sha for name, sha in self.acknowledged.items() if listed.get(name, ("",))[0] != sha} == {}
        assert {name: entry for name, entry in listed.items() if self.intended.get(name) != entry[0]} == {}
        for name in names:
            if name in listed:
                sha256, url = listed[name]
                assert sha256 == download(port, url), name

    def check_tokens(self, port: int, log: list[Sent]) -> None:
        """A token that gave an upload token gives no second one, whether or not the answer arrived."""
        for sent in log:
            first = ask(port, sent.body)[0]
            second = ask(port, sent.body)[0]
            given = [sent.status, first, second].count(200)
            assert given <= 1, f"one ID token gave {given} upload tokens"
            assert second == 422
            if sent.status == 200:
                assert first == 422
            self.spent.add(token_key(sent.body))


def test_nothing_acknowledged_is_lost(tmp_path: Path, scale: Scale, long_run: bool, request: pytest.FixtureRequest) -> None:
    """Kill after kill on one folder; the hits per step are printed, and a long run needs five of each."""
    seed = request.config.getoption("randomly_seed", None)
    story = Story(tmp_path, seed if isinstance(seed, int) else 1)
    rounds = scale(2, 200)
    for _ in range(rounds):
        story.round()
    server = Server(story.data, story.config)
    try:
        story.check_files(server.port, list(story.intended))
    finally:
        server.terminate()
    report = ", ".join(f"{step} {story.steps[step]}" for step in STEPS)
    print(f"\n{rounds} kills, {len(story.acknowledged)} files acknowledged; hits: {report}")  # noqa: T201
    assert story.acknowledged
    if rounds >= 200:
        assert [step for step in STEPS if story.steps[step] < 5] == []
