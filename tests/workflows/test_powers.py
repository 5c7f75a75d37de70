"""Who can publish: the sentences on events, refs, people and environments."""

from __future__ import annotations

import pytest

from tests.workflows.samples import PATH, declared, facts, publishing, workflow
from trustpub.domain.declaration import Declaration
from trustpub.workflows.powers import powers
from trustpub.workflows.predict import predicted


def said(text: str, declaration: Declaration | None = None, **others: str) -> tuple[str, ...]:
    """The sentences on one workflow, with other files by their name without ending."""
    files = {PATH: workflow(text)}
    for name, words in others.items():
        files[f".github/workflows/{name}.yml"] = workflow(words, f".github/workflows/{name}.yml")
    return powers(predicted(files, facts(declaration)), declaration or Declaration())


ASKED = "needs the approval of `ann` or `octo/team`, waits 5 minutes and lets only tags `v*` deploy"
NO_GATE = ", with no environment in between"


@pytest.mark.parametrize(
    ("on", "who"),
    [
        ("{push: {tags: ['v*']}}", "whoever can push a tag `v*` (write access)"),
        ("{push: {tags: ['v*', 'rel-*']}}", "whoever can push a tag `v*` or `rel-*` (write access)"),
        ("{push: {tags: ['**']}}", "whoever can push any tag (write access)"),
        ("{push: {tags: ['*']}}", "whoever can push any tag without a slash (write access)"),
        (
            "{push: {tags: ['v*', '!*dev*', '!*rc*']}}",
            "whoever can push a tag `v*` (write access), but tags `*dev*`, `*rc*` do not start it",
        ),
        (
            "{push: {branches: ['**'], paths: [src/**]}}",
            "whoever can push to any branch (write access), but only a push that changes `src/**` starts it",
        ),
        ("{push: {branches: [main]}}", "whoever can push to the branch `main` (write access, and what protects that branch)"),
        ("{push: {branches: ['**']}}", "whoever can push to any branch (write access)"),
        ("push", "whoever can push any tag (write access); or whoever can push to any branch (write access)"),
        ("release", "whoever can publish a release (write access)"),
        ("{release: {types: [created]}}", "whoever can create a release (write access)"),
        ("workflow_dispatch", "whoever can start `release.yml` by hand, on any branch or tag (write access)"),
        ("{schedule: [{cron: '0 3 * * *'}]}", "the schedule `0 3 * * *`, with the default branch's `release.yml`"),
        ("pull_request", "whoever can open a pull request from a branch of this repository (write access; not from forks)"),
        (
            "{workflow_run: {workflows: [Build, 'Test it']}}",
            "the end of a run of `Build`, `Test it`, with the default branch's `release.yml`",
        ),
        ("repository_dispatch", "whoever can send a `repository_dispatch` (write access)"),
        ("merge_group", "whoever can put a pull request into the merge queue"),
        ("issue_comment", "anybody who causes the event `issue_comment`"),
        ("status", "whoever can cause the event `status`"),
    ],
)
def test_whose_doing_starts_it(on: str, who: str) -> None:
    """One sentence an index and package, whatever events there are; then what the index does not ask."""
    first, second = said(publishing(on))
    assert f"pypi (`tool`): {who}{NO_GATE}" == first
    assert second.startswith("whoever can push a branch or a tag can change `release.yml` there and run it: pypi asks for")


def test_a_called_workflow_has_its_callers_powers() -> None:
    """The file that a changed copy matters of is the called one; without a caller it is whoever calls."""
    called = publishing("{workflow_call: null}")
    calls = "jobs:\n  call:\n    permissions: {id-token: write}\n    uses: ./.github/workflows/called.yml\n"
    caller = f"on: {{push: {{tags: ['v*']}}}}\n{calls}"
    first, second = said(caller, called=called)
    assert f"pypi (`tool`): whoever can push a tag `v*` (write access){NO_GATE}" == first
    assert "can change `called.yml` there" in second
    assert (f"pypi (`tool`): whoever starts a workflow that calls `release.yml`{NO_GATE}",) == said(called)


@pytest.mark.parametrize(
    ("rules", "guard", "held"),
    [
        (
            "",
            ", after whatever the environment `live` asks, which GitHub was not asked about",
            ", so only the rules of that environment can stop the upload",
        ),
        (
            "[environments.live]\n",
            ", through the environment `live`, which asks for nothing (as it is declared)",
            ", which asks for nothing, so nothing stops the upload",
        ),
        (
            '[environments.live]\ntags = ["v*"]\nreviewers = ["ann", "octo/team"]\nwait_minutes = 5\n',
            f", through the environment `live`, which {ASKED} (as it is declared)",
            f", which {ASKED}",
        ),
    ],
)
def test_an_environment_stands_in_between(rules: str, guard: str, held: str) -> None:
    """With its declared rules, or with what nobody here knows."""
    first, second = said(publishing("release", "environment: live"), declared("live", rules=rules)._replace(path=""))
    assert f"pypi (`tool`): whoever can publish a release (write access){guard}" == first
    assert second.endswith(f"pypi asks for the name of this file and the environment `live`{held}")


def test_nobody_said_whether_the_publisher_names_the_environment() -> None:
    """Then what the index asks depends on that."""
    *_, last = said(publishing("release", "environment: live"))
    asks = "pypi asks for the name of this file, and for the environment `live` only if the publisher names it"
    assert last.endswith(f"{asks}: if so, only the rules of that environment can stop the upload")


def test_two_indexes_ask_in_one_sentence() -> None:
    """What is the same for both is said once, with both environments."""
    text = publishing("release", "environment: live")
    other = text.partition("jobs:\n")[2].replace("  publish:", "  try:").replace("live", "Test")
    one = said(text + other.replace("uses: pypa/gh-action-pypi-publish@release/v1", "run: uv publish --index testpypi"))
    assert "pypi and testpypi ask for the name of this file, and for the environments `live` and `Test` only if" in one[-1]
    assert ["pypi (`t", "testpypi", "whoever "] == [sentence[:8] for sentence in one]


def test_other_environments_on_the_way() -> None:
    """A job that must be through first may wait for an approval of its own; not the same one again."""
    gate = "  gate:\n    environment: {name: gate}\n    steps: []\n"
    first = said(publishing("release", "environment: live\nneeds: [gate]") + gate)[0]
    assert first.endswith("; before that, the environment `gate` of the job `gate` has to let the run pass")
    skipped = gate.replace("    steps", "    if: github.event_name == 'release'\n    steps")
    assert "`gate` of the job `gate` (unless that is skipped) has" in said(publishing("release", "needs: gate") + skipped)[0]
    assert "before that" not in said(publishing("release", "environment: gate\nneeds: gate") + gate)[0]
    assert "before that" not in said(publishing("release", "environment: live") + gate)[0]


@pytest.mark.parametrize("step", ["uses: robinraju/release-downloader@v1", "run: gh release download v1"])
def test_files_of_a_release(step: str) -> None:
    """Nobody builds them in this run: whoever can edit the release chooses them."""
    found = said(publishing("release").replace("    steps:\n", f"    steps:\n      - {step}\n"))
    assert found[0].endswith("; the files are taken from a release, so whoever can edit that release chooses them")
    assert "taken from a release" not in said(publishing("release"))[0]


def test_a_publisher_that_takes_any_environment_is_no_gate() -> None:
    """A changed file may leave the environment out."""
    *_, last = said(publishing("release", "environment: live"), declared(""))
    assert last.endswith("pypi asks for the name of this file only, so nothing but write access stands in between")


def test_an_environment_that_only_the_run_knows() -> None:
    """Its name cannot be told, so nothing is said of its rules."""
    first, second = said(publishing("release", "environment: ${{ vars.WHERE }}"))
    assert first.endswith(", after whatever its environment asks, whose name only the run knows")
    assert second.endswith("pypi asks for the name of this file, and for the environment that the publisher names, if any")


def test_a_stored_token_is_anybodys_who_can_run_a_workflow() -> None:
    """Unless only the environment has the secret, which a file cannot tell; no ID token means no sentence about the index."""
    step = "uses: pypa/gh-action-pypi-publish@v1\nwith: {password: '${{ secrets.PYPI_TOKEN }}'}"
    start = "pypi (`tool`): whoever can publish a release (write access), with the secret `PYPI_TOKEN`, which any workflow run"
    assert (f"{start} on any branch can read",) == said(publishing("release", "permissions: {}", step))
    assert (f"{start} on any branch can read unless only the environment has it",) == said(
        publishing("release", "permissions: {}\nenvironment: live", step)
    )


def test_what_never_publishes_gives_nobody_a_power() -> None:
    """Nor does what the index refuses."""
    assert () == said(publishing("release", "permissions: {}"))
    assert () == said(publishing("pull_request_target"))


def test_conditions_and_choices_are_told() -> None:
    """What somebody chooses, and that a condition has to hold."""
    on = "{workflow_dispatch: {inputs: {go: {type: boolean}}}}"
    assert "by hand, on any branch or tag (write access) with `go` = `true`, with" in said(publishing(on, "if: inputs.go"))[0]
    held = "where the conditions on the way to the upload hold"
    assert f"(write access), {held} (they ask for `vars.go`), with" in said(publishing("release", "if: vars.GO"))[0]
    many = "if: vars.A && vars.B && needs.x.outputs.y && inputs.tag != 'dry'"
    told = said(publishing("{workflow_dispatch: {inputs: {tag: {default: dry}}}}", many + "\nneeds: x") + "  x: {steps: []}\n")[0]
    assert "(they ask for `inputs.tag`, " in told


def test_conditions_that_all_share_are_told_once() -> None:
    """Two events, one condition."""
    shared = said(publishing("{release: null, push: {tags: ['v*']}}", "if: vars.GO"))[0]
    assert shared.endswith(
        "(write access); in each case where the conditions on the way to the upload hold (they ask for `vars.go`), with no "
        "environment in between"
    )
    assert 1 == shared.count("conditions on the way")
    own = said(publishing("{release: null, push: {tags: ['v*']}}", "if: github.event_name == 'push' || vars.GO"))[0]
    assert "whoever can publish a release (write access), where the conditions" in own


def test_refs_that_begin_with_something() -> None:
    """A condition's `startsWith` is not a pattern that anybody wrote."""
    found = said(publishing("workflow_dispatch", "if: startsWith(github.ref, 'refs/tags/v')"))[0]
    assert "by hand, on a tag that begins with `v` (write access)" in found


def test_order_is_that_of_the_files_and_nothing_stands_twice() -> None:
    """Two steps that publish alike are one sentence."""
    more = "      - run: uv publish\n      - run: uv publish\n"
    found = said(publishing("release", step="run: uv publish --index testpypi") + more)
    assert ["testpypi", "pypi"] == [sentence.split(" ")[0] for sentence in found[:2]]
    assert len(found) == len(set(found)) == 3
