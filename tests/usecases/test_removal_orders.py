"""Removing blobs while they are uploaded again, in any order of their steps, with anybody killed anywhere."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from tests.usecases.removing import DAY, LateBlobs, Story, begun
from tests.usecases.uploading import Index
from trustpub.storage.blob_uses import LATE
from trustpub.storage.tables import files
from trustpub.usecases.collect_garbage import Collected
from trustpub.usecases.upload import DOOMED, Stored, UploadRefused

_STEPS = st.builds("step {} {}".format, st.integers(0, 3), st.integers(1, 9))
_KILLS = st.builds("kill {}".format, st.integers(0, 3))
_EVENTS = st.sampled_from(["arrive", "hour", "day", "delete", "sweep"])
MOVES = st.lists(st.one_of(_STEPS, _STEPS, _STEPS, _STEPS, _KILLS, _EVENTS), min_size=8, max_size=30)
ANSWERS = st.lists(st.sampled_from(["late", "done", "lost", "refused"]), min_size=1, max_size=8)


@pytest.mark.parametrize("at_once", [False, True], ids=["elsewhere", "folder"])
def test_no_order_loses_an_acknowledged_file(
    tmp_path_factory: pytest.TempPathFactory, at_once: bool, scale: Scale, long_run: bool
) -> None:
    """Two uploads and two sweeps of the same bytes, step by step in any order, any of them killed anywhere."""
    folder = tmp_path_factory.mktemp("orders")
    met = dict.fromkeys(["stored", "asked to come again", "removed", "late"], 0)
    with Index(folder, blobs=LateBlobs(folder / "data")) as index:
        index.now = time.time() + DAY

        @settings(max_examples=scale(15, 1_000), deadline=None)
        @given(moves=MOVES, answers=ANSWERS)
        def orders(moves: list[str], answers: list[str]) -> None:
            story = begun(index)
            story.blobs.removes_at_once = at_once
            Telling(story, moves, answers, met).run()

        orders()
    if long_run:
        print(f"\n{met}")  # noqa: T201
        assert all(met[each] for each in (("stored", "removed") if at_once else met))


@dataclass
class Telling:
    """One order of the steps of a story."""

    story: Story
    moves: list[str]
    answers: list[str]
    met: dict[str, int]

    def run(self) -> None:
        """Every step, then what is left of everybody, then one more upload, which is always taken."""
        story = self.story
        self.actors = [story.upload(), story.sweeper(), story.upload(), story.sweeper()]
        answers = itertools.cycle(["done"] if story.blobs.removes_at_once else self.answers)
        for move in self.moves:
            story.blobs.answer = next(answers)
            self._do(*move.split())
            self._check()
        for actor in self.actors:
            actor.finish()
            self._check()
        story.blobs.answer = "done"
        self._wait(LATE)
        again = story.upload()
        again.finish()
        assert isinstance(again.outcome, Stored | UploadRefused), again.outcome  # a name that was deleted is not given again
        self._check()
        self.met["stored"] += any(isinstance(each.outcome, Stored) for each in self.actors)
        self.met["asked to come again"] += any(each.outcome == DOOMED for each in self.actors[::2])
        self.met["removed"] += any(isinstance(each.outcome, Collected) and each.outcome.blobs == 1 for each in self.actors)
        story.clear()

    def _do(self, what: str, who: str = "", times: str = "1") -> None:
        story = self.story
        if what == "step":
            for _ in range(int(times)):
                self.actors[int(who)].step()
                self._check()
        elif what == "kill":
            self.actors[int(who)].kill()
        elif what == "arrive":
            self._arrive()
        elif what == "delete":
            story.index.database.write(lambda connection: connection.execute(files.delete())).result()
        elif what == "sweep":
            self._replace_a_sweeper()
        else:
            self._wait(LATE if what == "hour" else DAY)

    def _replace_a_sweeper(self) -> None:
        """Who ended is followed by another: a sweep comes every hour."""
        for number in (1, 3):
            if self.actors[number].over:
                self.actors[number] = self.story.sweeper()
                return

    def _wait(self, seconds: float) -> None:
        """Time passes. What was asked of the store has arrived by then, and nobody stands still right before asking."""
        for actor in self.actors:
            if actor.where == "before a removal" and not actor.over:
                actor.step()
        self._arrive()
        self.story.index.now += seconds

    def _arrive(self) -> None:
        self.met["late"] += bool(self.story.blobs.coming)
        self.story.blobs.arrive()
        self._check()

    def _check(self) -> None:
        assert self.story.there or not self.story.listed, "an acknowledged file has lost its bytes"
