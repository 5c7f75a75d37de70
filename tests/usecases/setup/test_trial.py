"""The last step: a run by hand that publishes to a test index, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from tests.usecases.checkouts import PROJECT, book, ordinary
from tests.usecases.setup.registering import Somebody
from trustpub.domain.untold import Untold
from trustpub.errors import Denied, TrustpubError, Unreachable
from trustpub.parties.git import Checkout
from trustpub.usecases.gather import gather
from trustpub.usecases.setup.trial import Dispatch, dispatchable, offer
from trustpub.usecases.setup.walk import Item
from trustpub.workflows.predict import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trustpub.parties.github.port import GitHub
    from trustpub.rules.facts import Facts

FILE = ".github/workflows/release.yml"
TO_TEST = "        with: {repository-url: 'https://test.index.example/legacy/'}\n"
TO_OWN = "        with: {repository-url: 'https://own.example/legacy/'}\n"
PUBLISH = "      - uses: pypa/gh-action-pypi-publish@release/v1\n"


def job(name: str, to: str = "", when: str = "", needs: str = "") -> str:
    """A job that publishes."""
    lines = [f"  {name}:\n", f"    if: {when}\n" if when else "", f"    needs: {needs}\n" if needs else ""]
    return "".join(lines) + "    permissions: {id-token: write}\n    steps:\n" + PUBLISH + to


def workflow(*jobs: str, on: str = "[push, workflow_dispatch]") -> str:
    """A workflow file."""
    return f"on: {on}\njobs:\n" + "".join(jobs)


TAGGED = "startsWith(github.ref, 'refs/tags/')"
CHOICE = "{workflow_dispatch: {inputs: {to: {type: choice, options: [testpypi, pypi], default: testpypi}}}}"
CALLS = "  live:\n    uses: a/b/.github/workflows/pypi-publish.yml@v1\n    permissions: {id-token: write}\n"
UNDECIDED = CHOICE.replace(", default: testpypi", "")
DANGEROUS = CHOICE.replace("default: testpypi", "default: pypi")
LIVE = "{workflow_dispatch: {inputs: {live: {type: boolean, default: false}}}}"
OWN = "[indexes.own]\nurl = 'https://own.example/legacy/'\n"


def read(root: Path, text: str, declaration: str = "") -> Facts:
    """Read a checkout with this workflow."""
    more = {"trustpub.toml": declaration} if declaration else {}
    checkout = Checkout.open(ordinary(root, **{FILE: text, "pyproject.toml": PROJECT, **more}))
    return gather(checkout, book(root.parent), Wanted(), whole=True)


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        (workflow(job("test", TO_TEST)), {}),
        (workflow(job("test", TO_TEST), job("live", when=TAGGED)), {}),
        (workflow(job("test", TO_TEST), job("live", when="github.event_name == 'push'")), {}),
        (workflow(job("test", TO_TEST, "github.ref == 'refs/heads/main'"), job("live", when=TAGGED)), {}),
        (
            workflow(job("test", TO_TEST, "inputs.to == 'testpypi'"), job("live", when="inputs.to == 'pypi'"), on=CHOICE),
            {"to": "testpypi"},
        ),
        (workflow(job("test", TO_TEST), job("live", when="inputs.to == 'pypi'"), on=CHOICE), {"to": "testpypi"}),
        (workflow(job("test", TO_TEST), job("live", when="inputs.live"), on=LIVE), {"live": "false"}),
        (workflow(job("test", TO_TEST, "${{ !inputs.live }}"), job("live", when="inputs.live"), on=LIVE), {"live": "false"}),
    ],
)
def test_a_test_leg_alone_is_started(tmp_path: Path, text: str, inputs: dict[str, str]) -> None:
    """On the default branch, with the inputs that lead to TestPyPI."""
    found = dispatchable(read(tmp_path / "r", text), book(tmp_path).name_of)
    assert isinstance(found, Dispatch), found
    assert ("release.yml", "main", "testpypi", ("tool",)) == (found.workflow, found.branch, found.index, found.projects)
    assert inputs == dict(found.inputs)


@pytest.mark.parametrize("when", [TAGGED, "github.event_name == 'push'"])
def test_a_job_that_the_run_does_not_start_is_not_told(tmp_path: Path, when: str) -> None:
    """Whoever reads that the job for PyPI runs would say no."""
    known = read(tmp_path / "r", workflow(job("test", TO_TEST), job("live", when=when)))
    found = dispatchable(known, book(tmp_path).name_of)

    assert isinstance(found, Dispatch)
    assert ("test",) == found.jobs


def test_an_index_of_ones_own_is_a_test_too(tmp_path: Path) -> None:
    """What is declared with an address is no public index."""
    found = dispatchable(read(tmp_path / "r", workflow(job("test", TO_OWN)), OWN), book(tmp_path).name_of)
    assert isinstance(found, Dispatch), found
    assert "own" == found.index


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (workflow(job("test", TO_TEST), job("live")), "may publish to PyPI too (job `live`)"),
        (workflow(job("test", TO_TEST), job("live", needs="test")), "may publish to PyPI too"),
        (workflow(job("test", TO_TEST), job("live", when="vars.LIVE == 'yes'")), "may publish to PyPI too"),
        (workflow(job("test", TO_TEST), job("live", when="inputs.to == 'pypi'"), on=UNDECIDED), "may publish to PyPI too"),
        (workflow(job("test", TO_TEST), job("live", when="inputs.to == 'pypi'"), on=DANGEROUS), "may publish to PyPI too"),
        (workflow(job("test", TO_TEST), job("live", when="inputs.to != 'none'"), on=CHOICE), "may publish to PyPI too"),
        (workflow(job("test", TO_TEST), job("live", TO_OWN)), "may publish to `https://own.example/legacy/` too"),
        (workflow(job("test", TO_TEST), job("live", "        with: {repository-url: '${{ vars.URL }}'}\n")), "may publish to"),
        (workflow(job("test", TO_TEST), job("live", "        with: {password: '${{ secrets.T }}'}\n")), "may publish to PyPI"),
        (workflow(job("live")), "no workflow here can be started by hand"),
        (workflow(job("test", TO_TEST), on="push"), "no workflow here can be started by hand"),
        (workflow(job("test", TO_TEST, TAGGED)), "no workflow here can be started by hand"),
        (workflow(job("test", TO_TEST), on="{workflow_dispatch: {inputs: {v: {required: true}}}}"), "asks for `v`"),
        (workflow(job("test", TO_TEST) + "      - run: ./publish.sh\n"), "runs what could not be read"),
        (
            workflow(job("test", TO_TEST), CALLS),
            "may publish to an index that cannot be told too (job `live`)",
        ),
    ],
)
def test_what_may_go_elsewhere_is_never_started(tmp_path: Path, text: str, words: str) -> None:
    """PyPI, an index that nobody declared, one that cannot be told, and what cannot be read."""
    found = dispatchable(read(tmp_path / "r", text), book(tmp_path).name_of)
    assert isinstance(found, str), found
    assert words in found


@pytest.mark.parametrize("url", ["https://upload.index.example/legacy/", "https://index.example/legacy"])
def test_pypi_by_another_name_is_pypi(tmp_path: Path, url: str) -> None:
    """Whatever a file calls it, an address of PyPI is never started from here."""
    text = workflow(job("test", TO_OWN.replace("https://own.example/legacy/", url)))
    found = dispatchable(read(tmp_path / "r", text, OWN.replace("https://own.example/legacy/", url)), book(tmp_path).name_of)
    assert "no workflow here can be started by hand" in str(found)


class Dispatching:
    """A GitHub that takes dispatches."""

    host = "github.com"

    def __init__(
        self, signed_in: bool = True, problem: TrustpubError | None = None, held: Mapping[str, bytes | Untold] | None = None
    ) -> None:
        self.held = held
        self.signed_in = signed_in
        self.problem = problem
        self.started: list[tuple[str, str, str, Mapping[str, str]]] = []

    def content(self, slug: str, path: str, ref: str) -> bytes | Untold | None:
        """Hold the workflow as the checkout does, unless something else was prepared."""
        assert ("octo/tool", "main") == (slug, ref)
        return ALONE.encode() if self.held is None else self.held.get(path)

    def dispatch(self, slug: str, workflow: str, ref: str, inputs: Mapping[str, str]) -> str:
        """Start it."""
        if self.problem is not None:
            raise self.problem
        self.started.append((slug, workflow, ref, inputs))
        return "https://github.com/octo/tool/actions/runs/1"


ALONE = workflow(job("test", TO_TEST))
GOOD = (
    Item("account", "stated", "said", "testpypi"),
    Item("publisher", "stated", "said", "testpypi"),
    Item("id-token", "proven", "seen"),
)
LEFT = Item("publisher", "missing", "nobody has registered it", "testpypi")
ELSEWHERE = Item("publisher", "missing", "nobody has registered it", "pypi")
"""The publisher on PyPI, which a test does not need."""


def offered(
    root: Path,
    ask: Somebody,
    github: Dispatching | None,
    items: tuple[Item, ...] = GOOD,
    text: str = "",
    *,
    dispatch: bool = False,
) -> tuple[str, str]:
    """Offer it; return what became of it."""
    known = read(root, text or ALONE)
    party: GitHub | None = github  # type: ignore[assignment]  # only what is used here
    done = offer(known, items, party, ask, name_of=book(root.parent).name_of, dispatch=dispatch)
    return done.state, done.note


def test_it_is_described_asked_and_started(tmp_path: Path) -> None:
    """The address of the run comes back; how it ends is not claimed. What GitHub holds is compared, not asked about."""
    ask, github = Somebody(True), Dispatching()
    state, note = offered(tmp_path / "r", ask, github, (*GOOD, ELSEWHERE))
    assert ("stated", "started: https://github.com/octo/tool/actions/runs/1; how it ends is not known yet") == (state, note)
    assert [("octo/tool", "release.yml", "main", {})] == github.started
    assert ["Start `release.yml` on `main` now?"] == ask.asked
    assert "`release.yml` runs on `main`: `test`. It publishes `tool` to TestPyPI." in ask.told[0]


@pytest.mark.parametrize(
    ("ask", "items", "signed_in", "words"),
    [
        (Somebody(), GOOD, True, "it was not started; `--dispatch` starts it"),
        (Somebody(False), GOOD, True, "it was not started"),
        (Somebody(allowed=True), GOOD, True, "it was not started"),
        (Somebody(True), (*GOOD, LEFT), True, "still open: publisher"),
        (Somebody(True), GOOD, False, "`gh auth login`"),
        (Somebody(True), (GOOD[0], ELSEWHERE), True, "declares no publisher on TestPyPI"),
    ],
)
def test_it_is_not_started(tmp_path: Path, ask: Somebody, items: tuple[Item, ...], signed_in: bool, words: str) -> None:
    """Not without a yes to this very thing, whatever was allowed beforehand; not before everything else, not signed out."""
    github = Dispatching(signed_in)
    state, note = offered(tmp_path / "r", ask, github, items)
    assert ("skipped", []) == (state, github.started)
    assert words in note


UNTOLD = Untold("it does not say", "Contents: read")


@pytest.mark.parametrize(
    ("held", "dispatch", "answers", "started"),
    [
        ({}, True, (), 0),
        ({FILE: b"on: push\n"}, True, (), 0),
        ({FILE: b"on: push\n"}, False, (True, True), 0),
        (None, True, (), 1),
        ({FILE: UNTOLD}, True, (), 0),
        ({FILE: UNTOLD}, True, (True,), 1),
        ({FILE: UNTOLD}, False, (True, True), 1),
        ({FILE: UNTOLD}, False, (True, False), 0),
    ],
)
def test_what_runs_is_what_was_judged(
    tmp_path: Path, held: Mapping[str, bytes | Untold] | None, dispatch: bool, answers: tuple[bool, ...], started: int
) -> None:
    """A file that is not pushed starts nothing, whatever was said; where GitHub tells nothing, only a person's word helps."""
    github = Dispatching(held=held)
    state, note = offered(tmp_path / "r", Somebody(*answers), github, dispatch=dispatch)
    assert started == len(github.started)
    assert started or "push `.github/workflows/release.yml` first" in note or "it was not started" in note, (state, note)


def test_other_line_ends_are_no_difference(tmp_path: Path) -> None:
    """Git writes a checkout on Windows with its own."""
    github = Dispatching(held={FILE: ALONE.encode()})
    (tmp_path / "r").mkdir()
    assert "stated" == offered(tmp_path / "r", Somebody(True), github, text=ALONE.replace("\n", "\r\n"))[0]


@pytest.mark.parametrize("how", ["proven", "stated"])
def test_what_was_published_there_needs_no_test(tmp_path: Path, how: Literal["proven", "stated"]) -> None:
    """A file on TestPyPI with this publisher's provenance is the proof; one without it needs no second one of its version."""
    ask, github = Somebody(allowed=True), Dispatching()
    state, note = offered(tmp_path / "r", ask, github, (*GOOD, Item("test deployment", how, "seen there")))
    assert (how, "seen there", []) == (state, note, github.started)


@pytest.mark.parametrize("problem", [Denied("dispatch", why="no right"), Unreachable("GitHub", why="no right")])
def test_a_refusal_is_told(tmp_path: Path, problem: TrustpubError) -> None:
    """It ends the offer, not the report of what was done before."""
    state, note = offered(tmp_path / "r", Somebody(True), Dispatching(problem=problem))
    assert ("skipped", True) == (state, "no right" in note)


def test_another_default_branch_starts_nothing(tmp_path: Path) -> None:
    """What was predicted for one branch says nothing of another."""
    from tests.usecases.setup.registering import hosted

    known = read(tmp_path / "r", workflow(job("test", TO_TEST)))
    there = hosted()
    there = there._replace(repository=there.repository._replace(default_branch="trunk"), actions=Untold("nobody asked"))
    found = dispatchable(known._replace(github=there), book(tmp_path).name_of)
    assert isinstance(found, str)
    assert "GitHub's default branch is `trunk`" in found
