"""Projects as the indexes know them: missing, frozen, of others, published by somebody else or under another name."""

from __future__ import annotations

import pytest

from tests.rules.online_samples import IN_ORDER, OURS, UNTOLD, file, index, online, project, registered
from tests.rules.releases import PIN
from tests.rules.samples import REPOSITORY, facts, found, spanned
from tests.workflows.samples import publishing
from trustpub.domain.index_project import Attested, IndexProject, IndexSide
from trustpub.domain.untold import Untold
from trustpub.rules.facts import Facts

ON = "{push: {tags: ['v*']}}"
ACTION = f"pypa/gh-action-pypi-publish@{PIN}"
WORKFLOW = publishing(ON, "environment: pypi", f"uses: {ACTION} # v1.14.0")
ROW = '[[publisher]]\nproject = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\nenvironment = "pypi"\n'
OTHERS = OURS._replace(repository="acme/tool", workflow="cd.yml", claims=())
DAY_BEFORE = "2026-11-21"


def seen(*sides: IndexSide, **files: str) -> Facts:
    """A release workflow beside other files (a `__` is a dot), and what the indexes told."""
    return online(
        facts({"release.yml": WORKFLOW} | {name.replace("__", "."): text for name, text in files.items()}), IN_ORDER, *sides
    )


README = "# tool\n\nInstall it:\n\n    pip install --upgrade tool\n"


def test_people_are_told_to_install_what_does_not_exist() -> None:
    """The very word in the README is pointed at."""
    here = seen(index(None), README__md=README)
    (finding,) = found("project_missing", here)
    assert "`tool` does not exist on pypi, `README.md` tells people to install it, and no pending publisher is stated" == (
        finding.message
    )
    assert ("high", "README.md", "tool") == (finding.severity, finding.span.path, spanned(here, finding.span))
    assert [ACTION] == [spanned(here, each.span) for each in finding.related]


@pytest.mark.parametrize(
    "text",
    [
        "pip install tool-box",
        "pip install -i https://pypi.example/simple tool",
        "pip install git+https://github.com/octo/tool",
        "pip install ./tool",
        "pip install other",
        "Run pip install other to get what tool needs",
        "pip install other  # tool comes with it",
        "a tool",
    ],
)
def test_an_upload_to_what_does_not_exist(text: str) -> None:
    """Nobody is told to install it from there: less is at stake."""
    (finding,) = found("project_missing", seen(index(None), README__md=text))
    assert ("medium", "`tool` does not exist on pypi, an upload here goes there, and no pending publisher is stated") == (
        finding.severity,
        finding.message,
    )


@pytest.mark.parametrize(
    ("side", "rows"),
    [
        (index(project()), ""),
        (index(UNTOLD), ""),
        (IndexSide("pypi", "pypi", {}, UNTOLD), ""),
        (index(None), ROW + "pending = true\n"),
        (index(None), ROW + f"stated = {DAY_BEFORE}\n"),
    ],
)
def test_silence_where_it_exists_is_pending_or_nobody_knows(side: IndexSide, rows: str) -> None:
    """A pending publisher that somebody stated is believed."""
    assert [] == found("project_missing", seen(side, README__md=README, trustpub__toml=rows))


def test_nothing_is_said_when_no_index_was_asked() -> None:
    """Of no rule that looks at indexes."""
    rules = ("project_missing", "identity_changed", "pending_expires", "registered_differs", "name_of_others", "project_frozen")
    more = ("release_closed", "co_owners", "unexplained_files", "certificate_odd")
    assert [] == [finding for rule in (*rules, *more) for finding in found(rule, seen(README__md=README))]


@pytest.mark.parametrize(
    ("day", "severity", "fate"),
    [
        ("2026-10-28", "medium", "pypi removes it on 2026-11-27"),
        ("2026-10-23", "medium", "pypi removes it on 2026-11-22"),
        ("2026-10-22", "high", "pypi removed it on 2026-11-21"),
    ],
)
def test_a_pending_publisher_runs_out(day: str, severity: str, fate: str) -> None:
    """From the day of PyPI's own reminder on."""
    here = seen(index(None), trustpub__toml=f"{ROW}pending = true\nstated = {day}\n")
    (finding,) = found("pending_expires", here)
    assert f"the pending publisher of `tool` was stated on {day}, and {fate}, 30 days later" == finding.message
    assert (severity, day) == (finding.severity, spanned(here, finding.span))


@pytest.mark.parametrize(
    ("side", "words"),
    [
        (index(None), "pending = true\nstated = 2026-11-01\n"),
        (index(None), "pending = true\n"),
        (index(None), "stated = 2026-01-01\n"),
        (index(project()), "pending = true\nstated = 2026-01-01\n"),
        (index(UNTOLD), "pending = true\nstated = 2026-01-01\n"),
        (index(None), f"pending = true\nstated = 2026-01-01\n{ROW}pending = true\nstated = 2026-11-20\n"),
    ],
)
def test_silence_while_a_pending_publisher_has_time_or_is_none(side: IndexSide, words: str) -> None:
    """One that was registered again has a later day."""
    assert [] == found("pending_expires", seen(side, trustpub__toml=ROW + words))


@pytest.mark.parametrize(
    ("last", "severity", "message"),
    [
        (OURS._replace(repository="octo/oldtool"), "blocker", "by `octo/oldtool`; this repository is now `octo/tool`"),
        (
            OURS._replace(claims=(("repository_owner_id", "6"),)),
            "blocker",
            "by `octo/tool`, whose owner had the number 6; now it has 7",
        ),
        (OURS._replace(workflow="pypi.yml"), "high", "by the workflow `pypi.yml`; here `release.yml` uploads"),
        (
            OURS._replace(environment="release"),
            "high",
            "by a publisher with the environment `release`; the job here names `pypi`",
        ),
    ],
)
def test_the_last_release_had_another_identity(last: Attested, severity: str, message: str) -> None:
    """What is still the same repository by its number, or by the name that GitHub leads on from."""
    here = seen(index(project(by=(last,))))
    (finding,) = found("identity_changed", here)
    assert (severity, f"`tool` 1.2.2 was published to pypi on 2026-11-21 {message}") == (finding.severity, finding.message)
    assert ACTION == spanned(here, finding.span)


def test_the_last_release_came_from_another_file_than_several() -> None:
    """All that upload are named."""
    files = facts({"release.yml": WORKFLOW, "next.yml": WORKFLOW})
    (finding,) = found("identity_changed", online(files, IN_ORDER, index(project(by=(OURS._replace(workflow="pypi.yml"),)))))
    assert finding.message.endswith("by the workflow `pypi.yml`; here `next.yml` and `release.yml` upload")


@pytest.mark.parametrize(
    ("last", "rows"),
    [
        (OURS, ""),
        (OURS._replace(environment=""), ""),
        (OURS._replace(environment="PyPI", repository="Octo/Tool"), ""),
        (OTHERS, ""),
        (OURS._replace(workflow="pypi.yml"), ROW + "stated = 2026-11-22\n"),
        (OURS._replace(workflow="pypi.yml"), ROW + "stated = 2026-11-21\n"),
    ],
)
def test_silence_where_the_identity_is_the_same(last: Attested, rows: str) -> None:
    """Or somebody else's altogether, or one that was registered again since."""
    assert [] == found("identity_changed", seen(index(project(by=(last,))), trustpub__toml=rows))
    assert [] == found("identity_changed", seen(index(project(by=UNTOLD)), index(UNTOLD, "testpypi")))


def test_a_publisher_that_asks_for_no_environment() -> None:
    """The newest release shows it: the environment's rules protect nothing."""
    told = index(project(by=(OURS._replace(environment=""),)))
    here = seen(told)
    (finding,) = found("environment_unbound", here)
    start = "pypi took `tool` 1.2.2 on 2026-11-21 from a publisher that asks for no environment"
    assert ("high", f"{start}; the job `publish` names `pypi`") == (finding.severity, finding.message)
    assert "pypi" == spanned(here, finding.span)
    assert 1 == len(found("environment_unbound", seen(told, trustpub__toml=ROW + "stated = 2026-11-20\n")))
    assert [] == found("environment_unbound", seen(told, trustpub__toml=ROW + "stated = 2026-11-22\n"))


def test_silence_where_the_publisher_asks_for_the_environment_or_nobody_knows() -> None:
    """It is bound, of somebody else, of another file, not read, or the job names none."""
    other = OURS._replace(environment="", workflow="old.yml")
    for by in ((OURS,), UNTOLD, (OTHERS._replace(environment=""),), (other,), (OURS._replace(environment="", kind="GitLab"),)):
        assert [] == found("environment_unbound", seen(index(project(by=by))))
    bare = index(project(by=(OURS._replace(environment=""),)))
    assert [] == found("environment_unbound", online(facts(publishing(ON)), IN_ORDER, bare))


def test_a_job_whose_environment_only_the_run_knows() -> None:
    """Nothing is compared."""
    text = publishing(ON, "environment: ${{ vars.WHERE }}")
    last = OURS._replace(environment="release")
    assert [] == found("identity_changed", online(facts(text), IN_ORDER, index(project(by=(last,)))))


def test_a_repository_that_was_renamed() -> None:
    """Without a release under the old name to point at, GitHub's own word is passed on."""
    side = IN_ORDER._replace(repository=IN_ORDER.repository._replace(renamed_from="octo/oldtool"))
    (finding,) = found("identity_changed", online(facts(WORKFLOW), side))
    start = "GitHub has moved `octo/oldtool` to `octo/tool`: ID tokens carry the new name"
    assert ("high", True) == (finding.severity, finding.message.startswith(start))
    assert "`git remote set-url origin https://github.com/octo/tool.git`" in finding.help
    (known,) = found("identity_changed", online(facts({"release.yml": WORKFLOW, "trustpub.toml": ROW}), side))
    assert "info" == known.severity
    old = facts({"release.yml": WORKFLOW, "trustpub.toml": ROW.replace('repository = "tool"', 'repository = "oldtool"')})
    assert [] == found("identity_changed", online(old, side))
    (differs,) = found("publisher_differs", online(old, side))
    assert differs.help.startswith("GitHub has moved `octo/oldtool` to `octo/tool`. After a rename")


def test_a_spelling_that_github_does_not_have() -> None:
    """When GitHub's own is known, an index that compares case refuses the other for certain."""
    row = ROW.replace('repository = "tool"', 'repository = "Tool"')
    here = facts({"release.yml": WORKFLOW, "trustpub.toml": row}, repository=REPOSITORY)
    assert ["medium"] == [finding.severity for finding in found("publisher_differs", here)]
    assert ["blocker"] == [finding.severity for finding in found("publisher_differs", online(here))]


OWN = '[indexes.own]\nurl = "https://own.example/"\n'
TO_OWN = publishing(ON, "environment: pypi", "run: uv publish --index own")


def own(*rows: object, told: IndexProject | None = None) -> Facts:
    """An upload to an index of one's own, which lists these publishers."""
    from typing import cast

    from trustpub.domain.index_project import Registered

    listed = cast("tuple[Registered, ...]", rows)
    here = facts({"release.yml": TO_OWN, "trustpub.toml": OWN})
    return online(here, IN_ORDER, index(told or project(), "own", *listed))


def test_no_registered_publisher_accepts_the_upload() -> None:
    """With the fields that differ, or that there is none at all."""
    (finding,) = [
        each for each in found("registered_differs", own(registered(workflow_filename="cd.yml"))) if each.severity == "blocker"
    ]
    expected = "the job `publish` uploads, and no publisher of `tool` on own accepts it: `workflow_filename` is `cd.yml` there"
    assert f"{expected} and `release.yml` here" == finding.message
    (bare,) = found("registered_differs", own())
    assert "the job `publish` uploads, and own has no publisher of `tool` for it" == bare.message
    assert "repository_owner `octo`, repository_owner_id `7`, repository_name `tool`" in bare.help


def test_publishers_that_are_too_wide_or_left_over() -> None:
    """One that asks for no environment, one of this repository that nothing uses, one of another."""
    rows = (registered(environment=""), registered(workflow_filename="old.yml"), registered(repository_name="lib"))
    wide, ours, others = found("registered_differs", own(*(row._replace(id=f"r{n}") for n, row in enumerate(rows))))
    assert "the publisher of `tool` on own accepts every environment; the job names `pypi`" == wide.message
    assert "on own `tool` has a publisher that no upload here uses: GitHub octo/tool, workflow old.yml, environment pypi" == (
        ours.message
    )
    assert ["medium", "medium", "info"] == [each.severity for each in (wide, ours, others)]
    assert "(`r1`)" in ours.help


def test_a_publisher_of_an_upload_that_was_not_asked_for() -> None:
    """Its file is there and names its environment: nothing is called left over."""
    rows = (registered(), registered(workflow_filename="other.yml", environment="Live")._replace(id="r2"))
    other = publishing("schedule", "environment: ${{ inputs.live }}", "run: make live")
    here = facts({"release.yml": TO_OWN, "other.yml": other, "trustpub.toml": OWN})
    assert [] == found("registered_differs", online(here, IN_ORDER, index(project(), "own", *rows)))
    gone = facts({"release.yml": TO_OWN, "other.yml": other.replace("live", "x"), "trustpub.toml": OWN})
    (finding,) = found("registered_differs", online(gone, IN_ORDER, index(project(), "own", *rows)))
    assert "(`r2`)" in finding.help


def test_silence_where_the_registered_publisher_fits() -> None:
    """A pending one too; PyPI lists none; and where only the run knows the environment, nothing is compared."""
    assert [] == found("registered_differs", own(registered()))
    assert [] == found("registered_differs", own(registered(pending=True)))
    assert [] == found("registered_differs", seen(index(project())))
    text = publishing(ON, "environment: ${{ vars.WHERE }}", "run: uv publish --index own")
    here = facts({"release.yml": text, "trustpub.toml": OWN})
    assert [] == found("registered_differs", online(here, IN_ORDER, index(project(), "own", registered(environment="x"))))


def test_a_name_that_others_have() -> None:
    """Who published it, when, and that nothing names this repository."""
    here = seen(index(project(by=(OTHERS,))))
    (finding,) = found("name_of_others", here)
    start = "`tool` 1.2.2 on pypi was published on 2026-11-21 by `acme/tool`, `cd.yml`"
    assert f"{start}; nothing read there names `octo/tool`" == finding.message
    assert ("blocker", ACTION) == (finding.severity, spanned(here, finding.span))


def test_silence_about_names_that_may_be_ours() -> None:
    """Some release is ours, none says whose it is, somebody stated a publisher, or this is a fork."""
    for told in (
        project(),
        project(by=UNTOLD),
        project(file("a", "1", attested=False)),
        project(by=(OTHERS, OURS)),
        None,
        UNTOLD,
    ):
        assert [] == found("name_of_others", seen(index(told)))
    theirs = index(project(by=(OTHERS,)))
    assert [] == found("name_of_others", seen(theirs, trustpub__toml=ROW + "stated = 2026-11-20\n"))
    fork = IN_ORDER._replace(repository=IN_ORDER.repository._replace(fork=True))
    assert [] == found("name_of_others", online(facts(WORKFLOW), fork, theirs))
    moved = IN_ORDER._replace(repository=IN_ORDER.repository._replace(renamed_from="acme/tool"))
    assert [] == found("name_of_others", online(facts(WORKFLOW), moved, theirs))


def test_projects_that_take_no_files() -> None:
    """Archived and quarantined ones; an active one does."""
    for status, words in (("archived", "Unarchive it"), ("quarantined", "Ask the administrators of pypi")):
        told = IndexProject("tool", status, (), "", UNTOLD)  # type: ignore[arg-type]  # the two words are what is tested
        (finding,) = found("project_frozen", seen(index(told)))
        assert f"`tool` on pypi is {status}: every upload is refused" == finding.message
        assert finding.help.startswith(words)
    assert [] == found("project_frozen", seen(index(project()), index(UNTOLD, "testpypi")))


def test_a_version_that_is_out_for_long() -> None:
    """The package's own static version, in whatever spelling."""
    told = project(file("tool-1.2.3.0.tar.gz", "1.2.3.0", 15), file("tool-1.2.3.0.whl", "1.2.3.0", 3))
    by_hand = facts(publishing("{push: {tags: ['v*']}, workflow_dispatch: {}}", "environment: pypi"))
    (finding,) = found("release_closed", online(by_hand, IN_ORDER, index(told)))
    assert "`tool` 1.2.3 is on pypi since 2026-11-07: it takes no new files" == finding.message
    for days, version in ((14, "1.2.3"), (40, "1.2.2"), (40, "not a version")):
        assert [] == found("release_closed", online(by_hand, IN_ORDER, index(project(file("x", version, days)))))
    for each in (told, None, UNTOLD):  # who makes a tag has raised the version before
        assert [] == found("release_closed", seen(index(each)))
    assert ["info"] == [each.severity for each in found("release_closed", online(facts(publishing("push")), None, index(told)))]


def test_who_else_may_upload() -> None:
    """Every account with a role is named, with that role."""
    told = project()._replace(owners=(("alice", "Owner"), ("bob", "Maintainer")))
    (finding,) = found("co_owners", seen(index(told)))
    expected = "beside the publisher these can upload `tool` to pypi with API tokens: `alice` (Owner) and `bob` (Maintainer)"
    assert ("info", expected) == (finding.severity, finding.message)
    for alone in (project(), told._replace(owners=UNTOLD), None):
        assert [] == found("co_owners", seen(index(alone)))


@pytest.mark.parametrize(
    ("told", "names", "severity"),
    [
        (project(file("a1", "1", 9), file("a2", "2", 5, attested=False), file("a3", "3", 1)), "`a2`", "high"),
        (project(file("a1", "1", 9), file("b1", "1", 8, attested=False)), "`b1`", "high"),
        (
            project(file("a1", "1", 9), file("a2", "2", 5, attested=False), file("b2", "2", 4, attested=False)),
            "`a2` and `b2`",
            "medium",
        ),
    ],
)
def test_files_without_provenance(told: IndexProject, names: str, severity: str) -> None:
    """Between others or beside them is graver than the last of all: that may be a client that makes none."""
    (finding,) = found("unexplained_files", seen(index(told)))
    assert finding.message.startswith(f"{names} w")
    assert finding.message.endswith("without provenance, after releases that have it")
    assert severity == finding.severity


def test_files_on_testpypi_are_no_grave_matter() -> None:
    """Whoever tries something there uploads by hand."""
    told = index(project(file("a1", "1", 9), file("b1", "1", 8, attested=False)), "testpypi")
    here = facts(
        publishing(ON, "environment: pypi", f"uses: {ACTION} # v1.14.0\nwith: {{repository-url: 'https://testpypi.example/'}}")
    )
    assert ["low"] == [finding.severity for finding in found("unexplained_files", online(here, IN_ORDER, told))]


def test_a_declaration_that_asks_for_attestations() -> None:
    """Then the newest release without them is grave; one that forbids them explains it."""
    told = index(project(file("a1", "1", 9), file("a2", "2", 5, attested=False)))
    (finding,) = found("unexplained_files", seen(told, trustpub__toml="[attestations]\nrequired = true\n"))
    assert "high" == finding.severity
    assert [] == found("unexplained_files", seen(told, trustpub__toml="[attestations]\nrequired = false\n"))


@pytest.mark.parametrize(
    "told",
    [
        project(),
        project(file("a1", "1", 9, attested=False), file("a2", "2", 5)),
        project(file("a1", "1", 9, attested=None), file("a2", "2", 5, attested=None)),
        project(file("a0", "0", 99), file("b", "1", 98, attested=False), *(file(f"a{n}", f"{n}", 50 - n) for n in range(2, 6))),
    ],
)
def test_silence_where_every_recent_file_is_accounted_for(told: IndexProject) -> None:
    """Files from before there were attestations, of an index without them, and of long ago."""
    assert [] == found("unexplained_files", seen(index(told)))


def test_silence_where_the_client_makes_no_attestations() -> None:
    """The newest release may well have been made by it."""
    told = index(project(file("a1", "1", 9), file("a2", "2", 5, attested=False)))
    for step in ("run: uv publish", f"uses: {ACTION} # v1.10.0", f"uses: {ACTION} # v1.14.0\nwith: {{attestations: false}}"):
        assert [] == found("unexplained_files", online(facts(publishing(ON, "environment: pypi", step)), IN_ORDER, told))


def test_a_file_of_another_repository_between_ours() -> None:
    """Who it was, and when."""
    told = project(file("a1", "1", 9), file("a2", "2", 5))
    told = told._replace(provenance={"a1": (OURS,), "a2": (OTHERS,)})
    (finding,) = found("unexplained_files", seen(index(told)))
    assert "`a2` on pypi was published on 2026-11-17 by another repository: `acme/tool`, `cd.yml`" == finding.message
    assert [] == found("unexplained_files", seen(index(project(by=(OTHERS,)))))


def claiming(**claims: str) -> IndexProject:
    """A newest release whose certificate says this."""
    return project(by=(OURS._replace(claims=(("repository_id", "70"), *claims.items())),))


@pytest.mark.parametrize(
    ("told", "odd"),
    [
        (claiming(ref="refs/heads/main", event_name="push"), "from the branch `main`, and `release.yml` publishes tags only"),
        (
            claiming(ref="refs/tags/v1", event_name="workflow_dispatch"),
            "by the event `workflow_dispatch`, and `release.yml` publishes on `push`",
        ),
    ],
)
def test_a_release_of_another_kind_of_run(told: IndexProject, odd: str) -> None:
    """The certificate's ref or event is none that the workflow has."""
    (finding,) = found("certificate_odd", seen(index(told)))
    assert f"`tool` 1.2.2 of 2026-11-21 on pypi was made {odd}" == finding.message
    assert "medium" == finding.severity


def test_where_the_run_can_be_looked_at() -> None:
    """The run's address and the commit, when the certificate has them."""
    told = claiming(ref="refs/heads/main", run="https://github.com/octo/tool/actions/runs/1", sha="0123456789abcdef")
    (finding,) = found("certificate_odd", seen(index(told)))
    assert "(https://github.com/octo/tool/actions/runs/1) and at `release.yml` in its commit `0123456789ab`" in finding.help


def test_silence_where_the_certificate_fits_or_was_not_read() -> None:
    """A dispatch may have a branch; and nothing is said of other workflows and repositories."""
    for told in (project(), claiming(), project(by=UNTOLD), project(by=(OTHERS,)), None, UNTOLD):
        assert [] == found("certificate_odd", seen(index(told)))
    other = OURS._replace(workflow="old.yml", claims=(("ref", "refs/heads/main"),))
    assert [] == found("certificate_odd", seen(index(project(by=(other,)))))
    both = publishing("{push: {tags: ['v*']}, workflow_dispatch: {}}", "environment: pypi")
    main = index(claiming(ref="refs/heads/main", event_name="workflow_dispatch"))
    assert [] == found("certificate_odd", online(facts(both), IN_ORDER, main))


COMMIT, OTHER_COMMIT = "0123456789abcdef0123456789abcdef01234567", "fedcba9876543210fedcba9876543210fedcba98"
RUN = "https://github.com/octo/tool/actions/runs/77/attempts/1"
RELEASED = {"ref": "refs/tags/v1.2.3", "event_name": "push", "sha": COMMIT, "run": RUN}


@pytest.mark.parametrize(
    ("tags", "runs", "odd"),
    [
        ({"v1.2.3": None}, {}, "from the tag `v1.2.3`, which is not there any more"),
        (
            {"v1.2.3": OTHER_COMMIT},
            {},
            "from the commit `0123456789ab` under the tag `v1.2.3`, which names the commit `fedcba987654` now",
        ),
        ({"v1.2.3": COMMIT}, {"77": None}, "by the run 77, which GitHub does not have any more"),
    ],
)
def test_what_a_release_was_made_from_is_gone(tags: dict[str, str | None], runs: dict[str, None], odd: str) -> None:
    """A tag that was moved or deleted, and a run that was deleted, are named."""
    here = seen(index(claiming(**RELEASED)))
    (finding,) = found("certificate_odd", here._replace(github=IN_ORDER._replace(tags=tags, runs=runs)))
    assert f"`tool` 1.2.2 of 2026-11-21 on pypi was made {odd}" == finding.message


@pytest.mark.parametrize(("tags", "runs"), [({"v1.2.3": COMMIT}, {}), ({}, {}), ({"v1.2.3": UNTOLD}, {"77": UNTOLD})])
def test_silence_where_a_release_is_as_it_was(tags: dict[str, str | Untold], runs: dict[str, Untold]) -> None:
    """GitHub has what the certificate names, was not asked, or did not tell."""
    here = seen(index(claiming(**RELEASED)))
    assert [] == found("certificate_odd", here._replace(github=IN_ORDER._replace(tags=tags, runs=runs)))
