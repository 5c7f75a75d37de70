"""The four rows of acceptance where GitHub and the indexes were asked: what they prove, and what they deny."""

from __future__ import annotations

import pytest

from tests.rules.online_samples import (
    ALICE,
    GUARDED,
    IN_ORDER,
    OPEN,
    OURS,
    UNTOLD,
    file,
    github,
    index,
    online,
    project,
    registered,
)
from tests.rules.samples import facts
from tests.workflows.samples import publishing
from trustpub.domain.github_settings import Environment, GitHubSide, RefRule
from trustpub.domain.index_project import IndexFile, IndexSide
from trustpub.rules import check
from trustpub.rules.facts import Facts
from trustpub.usecases.acceptance import acceptance

ON = "{push: {tags: ['v*']}}"
WORKFLOW = publishing(ON, "environment: pypi")
OWNERS_ONLY = "only a project's owners see its publishers"
ROW = '[[publisher]]\nproject = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\nenvironment = "pypi"\n'
OWN = '[indexes.own]\nurl = "https://own.example/"\n'


def rows(seen: Facts) -> dict[str, tuple[str, str]]:
    """State and evidence by row, with the findings that contradict them."""
    return {row.criterion: (row.state, row.evidence) for row in acceptance(seen, list(check(seen)))}


def of(text: str, side: GitHubSide | None, *sides: IndexSide, declared: str = "") -> dict[str, tuple[str, str]]:
    """The rows of one workflow."""
    return rows(online(facts({"release.yml": text, "trustpub.toml": declared}), side, *sides))


def test_everything_that_can_be_proven_is() -> None:
    """Project, publisher and environment; an account is somebody's word."""
    declared = '[accounts.pypi]\nuser = "alice"\nstated = 2026-11-20\n'
    found = of(WORKFLOW, IN_ORDER, index(project()), declared=declared)
    assert ("proven", "pypi has `tool` (1.2.2)") == found["project"]
    expected = "pypi took `tool` 1.2.2 on 2026-11-21 from the publisher `octo/tool`, `release.yml`, environment `pypi`"
    assert ("proven", expected) == found["publisher"]
    asks = "needs the approval of `alice` or `bob` other than whoever started it and lets only tags `v*` deploy"
    assert ("proven", f"GitHub has `pypi`, which {asks}") == found["environment"]
    expected = (
        "`trustpub.toml` states that the account `alice` on pypi (2026-11-20) has a verified e-mail address and two factors"
    )
    assert ("stated", expected) == found["account"]


def test_an_account_on_each_index() -> None:
    """One that nobody stated is not known."""
    text = WORKFLOW + "      - run: uv publish --index testpypi\n"
    found = of(text, IN_ORDER, declared="[accounts.pypi]\nstated = 2026-11-20\n")
    assert "unknown" == found["account"][0]
    expected = "nobody has stated the account on testpypi (each has accounts of its own): `trustpub setup` asks about it"
    assert expected == found["account"][1]


def test_a_token_that_an_index_takes_proves_the_account() -> None:
    """Only where publishers were listed to it, and never on PyPI."""
    text = publishing(ON, "environment: pypi", "run: uv publish --index own")
    told = "`own` takes the token in `TRUSTPUB_TOKEN_OWN_EXAMPLE` and lists publishers to it"
    assert ("proven", told) == of(text, IN_ORDER, index(project(), "own", registered()), declared=OWN)["account"]
    untold = index(project(), "own")._replace(registered=UNTOLD)
    assert "unknown" == of(text, IN_ORDER, untold, declared=OWN)["account"][0]
    both = text + "      - run: uv publish\n"
    stated = OWN + "[accounts.pypi]\nstated = 2026-11-20\n"
    found = of(both, IN_ORDER, index(project(), "own", registered()), declared=stated)["account"]
    assert ("stated", True) == (found[0], found[1].endswith(f"has a verified e-mail address and two factors; {told}"))


@pytest.mark.parametrize(
    ("sides", "declared", "state", "evidence"),
    [
        ([index(None)], "", "missing", "pypi has no `tool`, and no pending publisher is stated"),
        ([index(None)], ROW, "missing", "pypi has no `tool`, and no pending publisher is stated"),
        (
            [index(None)],
            ROW + "pending = true\nstated = 2026-11-20\n",
            "stated",
            "pypi has no `tool` yet; `trustpub.toml` states a pending publisher since 2026-11-20: publish before 2026-12-20",
        ),
        (
            [index(None)],
            ROW + "pending = true\nstated = 2026-10-21\n",
            "missing",
            (
                "pypi has no `tool` yet; `trustpub.toml` states a pending publisher since 2026-10-21, and pypi removes one after "
                "30 days: register it again"
            ),
        ),
        (
            [index(None)],
            ROW + "pending = true\nstated = 2026-10-23\n",
            "stated",
            "pypi has no `tool` yet; `trustpub.toml` states a pending publisher since 2026-10-23: publish before 2026-11-22",
        ),
        (
            [index(None)],
            ROW + "pending = true\n",
            "stated",
            (
                "pypi has no `tool` yet; `trustpub.toml` states a pending publisher, but no day on which somebody registered it: "
                "`trustpub setup` asks, and writes the day"
            ),
        ),
        (
            [index(UNTOLD)],
            "",
            "unknown",
            "whether pypi has `tool`: GitHub does not say (it needs the permission Administration: read)",
        ),
        ([], "", "unknown", "whether pypi has `tool`: it did not answer"),
        ([], ROW, "stated", "`trustpub.toml` names `tool` on pypi, and it did not answer"),
    ],
)
def test_projects(sides: list[IndexSide], declared: str, state: str, evidence: str) -> None:
    """What the index says goes before what is declared."""
    assert (state, evidence) == of(WORKFLOW, IN_ORDER, *sides, declared=declared)["project"]


def test_each_index_is_named() -> None:
    """The worst of them decides, and comes first."""
    text = WORKFLOW + "      - run: uv publish --index testpypi\n"
    found = of(text, IN_ORDER, index(project()), index(None, "testpypi"))
    expected = "testpypi has no `tool`, and no pending publisher is stated; pypi has `tool` (1.2.2)"
    assert ("missing", expected) == found["project"]


def test_publishers_that_no_release_shows() -> None:
    """They stay somebody's word, with its day, or unknown."""
    other = index(project(by=(OURS._replace(workflow="old.yml"),)))
    found = of(WORKFLOW, IN_ORDER, other, declared=ROW + "stated = 2026-11-22\n")
    expected = f"`trustpub.toml` states a publisher that matches on pypi (the day: 2026-11-22); {OWNERS_ONLY}"
    assert ("stated", expected) == found["publisher"]
    unread = of(WORKFLOW, IN_ORDER, index(project(by=UNTOLD)))
    expected = f"{OWNERS_ONLY}; and no release of `tool` on pypi shows this one"
    assert ("unknown", expected) == unread["publisher"]


def test_a_publisher_that_nobody_stated_says_what_to_do() -> None:
    """It stays the file's word; that no day is written on which somebody registered it is said, with GitHub asked and without."""
    asks = "somebody registered it: `trustpub setup` asks, and writes the day"
    found = of(WORKFLOW, IN_ORDER, index(project(file("tool-1.0.tar.gz", "1.0", attested=False))), declared=ROW)
    start = "`trustpub.toml` declares a publisher that matches on pypi, but no day on which "
    assert ("stated", f"{start}{asks}") == found["publisher"]
    state, why = rows(facts({"release.yml": WORKFLOW, "trustpub.toml": ROW}))["publisher"]
    assert ("stated", True, True) == (state, asks in why, why.endswith("the index was not asked"))


@pytest.mark.parametrize(
    ("stated", "there", "state", "words"),
    [
        ("2026-11-20", file("t-1.tar.gz", "1", 1, attested=False), "stated", "since 2026-11-21: its first exchange makes an"),
        ("2026-11-20", file("t-1.tar.gz", "1", 5, attested=False), "unknown", "only a project that does not exist has pending"),
        ("2026-10-01", file("t-1.tar.gz", "1", 1, attested=False), "unknown", "more than 30 days later"),
        (
            "2026-11-20",
            file("t-1.tar.gz", "1", 1),
            "unknown",
            "was published by another one: `octo/tool`, `old.yml`",
        ),
    ],
)
def test_a_pending_publisher_whose_project_exists(stated: str, there: IndexFile, state: str, words: str) -> None:
    """The first exchange made an ordinary one of it, unless days or a provenance tell otherwise."""
    declared = ROW + f"pending = true\nstated = {stated}\n"
    found = of(WORKFLOW, IN_ORDER, index(project(there, by=(OURS._replace(workflow="old.yml"),))), declared=declared)
    assert (state, True) == (found["publisher"][0], words in found["publisher"][1]), found


def test_the_indexs_own_list_of_publishers() -> None:
    """It proves and denies; a pending one proves the project too."""
    text = publishing(ON, "environment: pypi", "run: uv publish --index own")
    pending = of(text, IN_ORDER, index(None, "own", registered(pending=True)), declared=OWN)
    expected = "own lists a pending publisher of `tool`, which makes the project at the first release"
    assert ("proven", expected) == pending["project"]
    assert pending["publisher"][0] == "proven"
    assert pending["publisher"][1].endswith("accepts the job `publish`: GitHub octo/tool, workflow release.yml, environment pypi")
    denied = of(text, IN_ORDER, index(project(), "own", registered(workflow_filename="old.yml")), declared=OWN)
    assert "missing" == denied["publisher"][0]
    assert denied["publisher"][1].endswith("(M13)")


def test_what_the_files_deny_no_index_proves() -> None:
    """Without an ID token no publisher is ever asked."""
    found = of(WORKFLOW.replace("id-token: write", "contents: read"), IN_ORDER, index(project()))
    assert "missing" == found["publisher"][0]


@pytest.mark.parametrize(
    ("side", "state", "evidence"),
    [
        (
            github(Environment("other")),
            "missing",
            "`octo/tool` has no environment `pypi`: the first job that names it makes it without rules",
        ),
        (github(OPEN), "proven", "GitHub has `pypi`, which asks for nothing"),
        (
            github(OPEN._replace(wait_minutes=5, policy="protected", apps=("gate",))),
            "proven",
            "GitHub has `pypi`, which waits 5 minutes, asks the app `gate` and lets only protected branches deploy",
        ),
        (
            github(OPEN._replace(policy="patterns", rules=UNTOLD, reviewers=(ALICE,))),
            "proven",
            "GitHub has `pypi`, which needs the approval of `alice` and lets only some refs deploy, which GitHub did not tell",
        ),
        (
            IN_ORDER._replace(environments=UNTOLD),
            "unknown",
            "the rules of `pypi`: GitHub does not say (it needs the permission Administration: read)",
        ),
        (None, "unknown", "GitHub told nothing about `pypi`: a job that names a missing environment creates it without any rule"),
    ],
)
def test_environments(side: GitHubSide | None, state: str, evidence: str) -> None:
    """With what each asks for, in words."""
    assert (state, evidence) == of(WORKFLOW, side)["environment"]


def test_declared_rules_that_github_does_not_tell() -> None:
    """They stay stated, with the permission that would answer."""
    found = of(WORKFLOW, IN_ORDER._replace(environments=UNTOLD), declared="[environments.pypi]\n")
    expected = (
        "`trustpub.toml` states the rules of `pypi`, and GitHub does not say (it needs the permission Administration: read)"
    )
    assert ("stated", expected) == found["environment"]


def test_an_environment_that_refuses_is_none() -> None:
    """The finding speaks for the row."""
    found = of(WORKFLOW, github(OPEN._replace(policy="patterns", rules=(RefRule("branch", "main"),))))
    assert "missing" == found["environment"][0]
    assert found["environment"][1].endswith("(E03)")


def test_declared_rules_that_refuse_count_only_where_github_tells_nothing() -> None:
    """GitHub's own let the tags deploy; the difference is a finding."""
    declared = '[environments.pypi]\nbranches = ["main"]\n'
    assert "proven" == of(WORKFLOW, IN_ORDER, declared=declared)["environment"][0]
    for side in (IN_ORDER._replace(environments=UNTOLD), None):
        assert "missing" == of(WORKFLOW, side, declared=declared)["environment"][0]


def test_an_index_that_nobody_declared() -> None:
    """It was not asked, and that is said; of the others the file's word stays."""
    text = WORKFLOW + "      - run: uv publish --publish-url https://own.example/legacy/\n"
    found = of(text, IN_ORDER, index(project()), declared=ROW)
    assert "an index that is not declared; pypi has `tool` (1.2.2)" in found["project"][1]
    assert "was asked" not in found["publisher"][1]
    assert "unknown" == found["publisher"][0]


def test_environments_of_uploads_without_trusted_publishing() -> None:
    """Only whether they are there is said."""
    text = publishing(ON, "environment: pypi", "uses: pypa/gh-action-pypi-publish@v1\nwith: {password: '${{ secrets.P }}'}")
    start = "no job publishes by trusted publishing; GitHub has "
    assert ("unknown", f"{start}`pypi`") == of(text, github(GUARDED))["environment"]
    assert ("unknown", f"{start}no `pypi`") == of(text, github(Environment("other")))["environment"]
    assert of(text, IN_ORDER._replace(environments=UNTOLD))["environment"][1].endswith("permission Administration: read)")


def test_a_project_of_others_is_none_of_ours() -> None:
    """The index has it, and the blocker says whose it is."""
    theirs = index(project(by=(OURS._replace(repository="acme/tool", claims=()),)))
    found = of(WORKFLOW, IN_ORDER, theirs)
    assert "missing" == found["project"][0]
    assert found["project"][1].endswith("(N02)")
