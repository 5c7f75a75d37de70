"""What a setup proposes: nothing typed that can be derived, nothing changed that somebody wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.setup.proposing import BY_TOKEN, MANY, NOTHING, RELEASE, index, proposed, read, reasons, told
from trustpub.domain.declaration import Declaration, DeclaredEnvironment
from trustpub.domain.github_settings import Account, Environment, RefRule
from trustpub.errors import BadInput
from trustpub.usecases.setup.proposal import Proposal, Wishes

ROW = '[[publisher]]\nproject = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\nenvironment = "live"\n'
SEVERAL = (("ann", "User", "admin"), ("ben", "User", "maintain"), ("cat", "User", "write"), ("bot[bot]", "User", "admin"))


def rows(proposal: Proposal) -> list[tuple[str, str, str, str]]:
    """Project, index, workflow and environment of each publisher."""
    return [(row.project, row.index, row.workflow, row.environment) for row in proposal.declaration.publishers]


def rules(proposal: Proposal, name: str) -> DeclaredEnvironment:
    """The rules of an environment that is proposed."""
    found = proposal.declaration.environment(name)
    assert found is not None
    return found


def test_a_fresh_repository(tmp_path: Path) -> None:
    """TestPyPI and PyPI, one new file, two environments, and GitHub's own spelling, number and default branch."""
    found = proposed(told(read(tmp_path)))
    pypi, testpypi = rules(found, "pypi"), rules(found, "testpypi")

    assert [("tool", "testpypi", "pypi.yml", "testpypi"), ("tool", "pypi", "pypi.yml", "pypi")] == rows(found)
    assert {("Octo", "7", "Tool")} == {(row.owner, row.owner_id, row.repository) for row in found.declaration.publishers}
    assert DeclaredEnvironment("pypi", tags=("v*",), admins_bypass=False) == pypi
    assert DeclaredEnvironment("testpypi", branches=("trunk",), tags=("v*",)) == testpypi
    assert ("v*",) == found.declaration.tag_protect


def test_without_github_the_remote_is_believed(tmp_path: Path) -> None:
    """Its spelling is somebody's, so a declared one is not changed for it."""
    (row, *_) = proposed(read(tmp_path / "fresh")).declaration.publishers
    declared = proposed(read(tmp_path / "there", {"trustpub.toml": ROW.replace("octo", "OCTO")})).declaration.publishers

    assert ("octo", "", "tool") == (row.owner, row.owner_id, row.repository)
    assert ["OCTO"] == [row.owner for row in declared]


def test_what_is_proposed_is_proposed_again(tmp_path: Path) -> None:
    """With everything declared, nothing is added or changed."""
    facts = told(read(tmp_path), *SEVERAL)
    first = proposed(facts).declaration
    again = proposed(facts._replace(declaration=first))

    assert first == again.declaration


def test_a_declaration_is_filled_and_not_changed(tmp_path: Path) -> None:
    """The owner's number, GitHub's spelling, rules for an environment without any; one that has its rules keeps them."""
    files = {"trustpub.toml": ROW + '[environments.Live]\nreviewers = ["ann"]\n[tags]\nprotect = ["r*"]\n', RELEASE: BY_TOKEN}
    found = proposed(told(read(tmp_path, files), *SEVERAL))
    (row,) = found.declaration.publishers

    assert ("Octo", "7", "Tool", "release.yml", "live") == (
        row.owner,
        row.owner_id,
        row.repository,
        row.workflow,
        row.environment,
    )
    assert {"Live": DeclaredEnvironment("Live", ("ann",))} == found.declaration.environments
    assert ("r*",) == found.declaration.tag_protect
    assert ["`Octo/Tool`" in why for why in reasons(found, "publisher[1]")] == [True]


def test_a_renamed_repository_is_followed(tmp_path: Path) -> None:
    """A publisher with the former name is refused, so the file gets the new one, and says why."""
    files = {"trustpub.toml": ROW.replace('"tool"\nworkflow', '"old"\nworkflow')}
    found = proposed(told(read(tmp_path, files), renamed_from="octo/old"))

    assert ["Tool"] == [row.repository for row in found.declaration.publishers]
    assert "renamed" in reasons(found, "publisher[1]")[0]


@pytest.mark.parametrize(
    ("owner", "repository", "stays"), [("octo", "Tool", True), ("octo", "tool", False), ("Octo", "old", False)]
)
def test_a_statement_is_about_one_record(tmp_path: Path, owner: str, repository: str, stays: bool) -> None:
    """What somebody stated of a former name or another spelling of the repository is not said of the new one."""
    row = ROW.replace('"octo"', f'"{owner}"').replace('repository = "tool"', f'repository = "{repository}"')
    files = {"trustpub.toml": row + "pending = true\nstated = 2026-11-01\n"}
    (found,) = proposed(told(read(tmp_path, files), renamed_from="octo/old")).declaration.publishers

    assert ("Octo", "Tool") == (found.owner, found.repository)
    assert (("2026-11-01", True) if stays else ("", False)) == (found.stated, found.pending)


def test_another_owners_number_is_not_overwritten(tmp_path: Path) -> None:
    """It may be right: the name may have changed hands."""
    found = proposed(told(read(tmp_path, {"trustpub.toml": ROW + 'owner_id = "6"\n'})))

    assert ["6"] == [row.owner_id for row in found.declaration.publishers]
    assert "`6`" in reasons(found, "publisher[1].owner_id")[0]


def test_publishers_of_another_repository_are_left_alone(tmp_path: Path) -> None:
    """A fork's file speaks of the repository that it comes from."""
    text = ROW.replace("octo", "elsewhere")
    found = proposed(told(read(tmp_path, {"trustpub.toml": text})))

    assert ["elsewhere"] == [row.owner for row in found.declaration.publishers]
    assert {} == found.declaration.environments
    assert reasons(found, "publisher")


def test_what_uploads_today_decides(tmp_path: Path) -> None:
    """Its file is the publisher's, its environment too; nobody who releases already is given a trial that was not asked for."""
    named = BY_TOKEN.replace("runs-on", "environment: Release\n    runs-on")
    plain, with_name = (proposed(read(tmp_path / each, {RELEASE: text})) for each, text in (("a", BY_TOKEN), ("b", named)))

    assert [("tool", "pypi", "release.yml", "pypi")] == rows(plain)
    assert any("`--index testpypi --index pypi`" in reason.why for reason in plain.reasons)
    assert [("tool", "pypi", "release.yml", "Release")] == rows(with_name)
    assert DeclaredEnvironment("Release", tags=("*",), admins_bypass=False) == rules(with_name, "release")
    assert () == plain.declaration.tag_protect


def test_every_file_that_uploads_a_project_has_its_publisher(tmp_path: Path) -> None:
    """An index compares the file and the environment, so one publisher does not do for two; a new project waits with one."""
    by_tag = BY_TOKEN.replace("release:\n    types: [published]", "push: {tags: ['v*']}")
    files = {RELEASE: by_tag.replace("runs-on", "environment: live\n    runs-on"), ".github/workflows/next.yml": BY_TOKEN}
    facts = told(read(tmp_path, files))
    known, new = (proposed(facts._replace(indexes={"pypi": index("pypi", tool=there)})) for there in (True, False))

    assert [("pypi", "next.yml", "pypi"), ("pypi", "release.yml", "live")] == [
        each[1:] for each in rows(known) if each[1] == "pypi"
    ]
    assert [("tool", "pypi", "next.yml", "pypi")] == [each for each in rows(new) if each[1] == "pypi"]


def test_packages_that_nobody_uploads_are_left_out_beside_those_that_are(tmp_path: Path) -> None:
    """Examples and tools of a repository are packages too; somebody who wants one of them names its folder."""
    build = "      - run: python -m build packages/alpha --outdir dist\n"
    facts = read(tmp_path, {**MANY, RELEASE: BY_TOKEN.replace("      - run: python -m build\n", build)})
    found = proposed(facts, Wishes(indexes=("pypi",)))
    (why, *_) = reasons(found, "publisher")

    assert [("alpha", "pypi", "release.yml", "pypi")] == rows(found)
    assert why.startswith("no workflow uploads `beta`, `delta`, `gamma`")
    assert {"beta"} == {each[0] for each in rows(proposed(facts, Wishes(packages=("packages/beta",))))}


def test_a_package_that_only_its_upload_leads_to_has_its_publisher(tmp_path: Path) -> None:
    """A folder where no package is looked for is one all the same when a workflow builds and uploads it."""
    backend = BY_TOKEN.replace("python -m build", "python -m build backend --outdir dist")
    files = {
        "backend/pyproject.toml": '[project]\nname = "tool-backend"\nversion = "1"\n',
        RELEASE: BY_TOKEN,
        ".github/workflows/backend.yml": backend,
    }
    found = proposed(read(tmp_path, files), Wishes(indexes=("pypi",)))

    assert {("tool", "release.yml"), ("tool-backend", "backend.yml")} == {(each[0], each[2]) for each in rows(found)}


def test_an_environment_that_others_use_too_is_not_narrowed(tmp_path: Path) -> None:
    """Its rules would stop jobs that this tool knows nothing of."""
    named = BY_TOKEN.replace("runs-on", "environment: live\n    runs-on")
    deploy = (
        "on: push\njobs:\n  site:\n    runs-on: ubuntu-latest\n    environment: {name: Live}\n    steps:\n      - run: make\n"
    )
    files = {RELEASE: named, ".github/workflows/site.yml": deploy}
    there = told(read(tmp_path, files), environments=(Environment("live", "5"),))
    found = proposed(there)
    (why,) = reasons(found, "environments.live")

    assert ((), ()) == (rules(found, "live").branches, rules(found, "live").tags)
    assert why.startswith("`.github/workflows/site.yml` names it too")
    assert ("*",) == rules(proposed(there._replace(github=None)), "live").tags


def test_a_job_that_uploads_several_packages_gets_one_environment(tmp_path: Path) -> None:
    """It can name only one, so none of them has its own."""
    build = "".join(f"      - run: python -m build packages/{name} --outdir dist\n" for name in ("alpha", "beta"))
    files = {**MANY, RELEASE: BY_TOKEN.replace("      - run: python -m build\n", build)}
    found = proposed(read(tmp_path, files), Wishes(indexes=("pypi",), packages=("packages/alpha", "packages/beta")))

    assert [("alpha", "pypi", "release.yml", "pypi"), ("beta", "pypi", "release.yml", "pypi")] == rows(found)


@pytest.mark.parametrize(
    ("trigger", "branches", "tags"),
    [
        ("push: {tags: ['v*', 'r[0-9]+']}", (), ("v*", "r*")),
        ("push: {branches: [main]}", ("main",), ()),
        ("push: {branches: ['release/*'], tags: ['v*']}", ("release/*",), ("v*",)),
        ("workflow_dispatch:", ("main",), ()),
        ("release: {types: [published]}", (), ("*",)),
    ],
)
def test_the_refs_of_todays_runs_get_through(
    trigger: str, branches: tuple[str, ...], tags: tuple[str, ...], tmp_path: Path
) -> None:
    """A rule that is proposed stops no run that publishes today."""
    text = BY_TOKEN.replace("release:\n    types: [published]", trigger)
    found = rules(proposed(read(tmp_path, {RELEASE: text})), "pypi")

    assert (branches, tags) == (found.branches, found.tags)


def test_a_run_by_hand_that_asks_for_a_tag_gets_through(tmp_path: Path) -> None:
    """A job that only a run on a tag gets to is not shut out by a rule for the default branch alone."""
    guard = "    if: startsWith(github.ref, 'refs/tags/')\n    runs-on"
    text = BY_TOKEN.replace("release:\n    types: [published]", "workflow_dispatch:").replace("    runs-on", guard)
    found = rules(proposed(read(tmp_path, {RELEASE: text})), "pypi")

    assert ((), ("*",)) == (found.branches, found.tags)


def test_the_rules_let_through_what_else_goes_through_the_environment(tmp_path: Path) -> None:
    """Another package's upload, and a run whose environment only the run knows, are not stopped by the rules of one publisher."""
    named = "    environment: live\n    runs-on"
    by_hand = BY_TOKEN.replace("release:\n    types: [published]", "workflow_dispatch:").replace("    runs-on", named)
    chosen = "    environment: ${{ github.event.release.prerelease && 'next' || 'live' }}\n    runs-on"
    maybe = BY_TOKEN.replace("    runs-on", chosen)
    other = BY_TOKEN.replace("release:\n    types: [published]", "push: {tags: ['other-*']}").replace("    runs-on", named)
    other = other.replace("- run: python -m build", "- run: python -m build ${{ vars.WHAT }}")
    for text, refs in ((maybe, (("main",), ("*",))), (other, (("main",), ("other-*",)))):
        folder = tmp_path / str(len(text))
        files = {".github/workflows/hand.yml": by_hand, ".github/workflows/second.yml": text}
        found = rules(proposed(read(folder, files)), "live")

        assert refs == (found.branches, found.tags)


def test_a_team_reviews(tmp_path: Path) -> None:
    """Those who maintain the repository, no robot, none of their own releases; a team of GitHub's goes before its members."""
    people = proposed(told(read(tmp_path), *SEVERAL))
    team = proposed(told(read(tmp_path), *SEVERAL, ("octo/makers", "Team", "maintain")))

    assert (("ann", "ben"), True, False) == guards(people)
    assert (("octo/makers",), True, False) == guards(team)
    assert () == rules(people, "testpypi").reviewers


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (Wishes(team=("dan",)), (("dan",), None, False)),
        (Wishes(team=("dan", "eve")), (("dan", "eve"), True, False)),
        (Wishes(team=("octo/makers",)), (("octo/makers",), True, False)),
        (Wishes(solo=True), ((), None, False)),
    ],
)
def test_wishes_go_before_what_github_names(wishes: Wishes, expected: tuple[object, ...], tmp_path: Path) -> None:
    """One reviewer alone may approve his own release: nobody else could."""
    assert expected == guards(proposed(told(read(tmp_path), *SEVERAL), wishes))


def guards(proposal: Proposal) -> tuple[object, ...]:
    """Who approves a release."""
    found = rules(proposal, "pypi")
    return found.reviewers, found.prevent_self_review, found.admins_bypass


def test_one_person_alone_is_asked_nothing(tmp_path: Path) -> None:
    """And where GitHub tells of nobody, that is said."""
    alone = proposed(told(read(tmp_path), ("ann", "User", "admin")))
    facts = told(read(tmp_path))
    assert facts.github is not None
    silent = proposed(facts._replace(github=facts.github._replace(people=NOTHING)))

    assert [((), None, False)] * 2 == [guards(alone), guards(silent)]
    assert "not asked" in reasons(silent, "environments.reviewers")[0]


def test_what_the_plan_lacks_is_not_proposed(tmp_path: Path) -> None:
    """A private repository without Enterprise has no reviewers."""
    pro, enterprise = (guards(proposed(told(read(tmp_path), *SEVERAL, plan=plan))) for plan in ("pro", "enterprise"))

    assert ((), None, None) == pro
    assert (("ann", "ben"), True, False) == enterprise


def test_what_github_holds_already_is_kept(tmp_path: Path) -> None:
    """Its reviewers, its wait, its patterns: the proposal adds to them."""
    there = Environment(
        "PyPI",
        reviewers=(Account("zoe", "1", "User"),),
        prevent_self_review=True,
        wait_minutes=5,
        policy="patterns",
        rules=(RefRule("tag", "release-*"), RefRule("branch", "main")),
        admins_bypass=True,
    )
    found = rules(proposed(told(read(tmp_path), *SEVERAL, environments=(there,))), "pypi")

    assert DeclaredEnvironment("pypi", ("zoe", "ann", "ben"), 5, ("main",), ("v*", "release-*"), False, True) == found


def test_several_packages_have_environments_of_their_own(tmp_path: Path) -> None:
    """So that their pending publishers can wait side by side; and the order is said, for three may wait at most."""
    facts = told(read(tmp_path, MANY))
    names = dict.fromkeys(("alpha", "beta", "gamma", "delta"), False)
    found = proposed(facts._replace(indexes={"pypi": index("pypi", **names)}), Wishes(indexes=("pypi",), event="release"))

    assert ("beta", "pypi", "pypi.yml", "pypi-beta") in rows(found)
    assert ("beta-v*",) == rules(found, "pypi-beta").tags
    assert {"alpha-v*", "beta-v*", "gamma-v*", "delta-v*"} == set(found.declaration.tag_protect)
    assert {True} == {row.pending for row in found.declaration.publishers}
    assert "once these are released" in reasons(found, "publisher.pending")[0]
    assert reasons(found, "publisher.environment")
    assert reasons(found, "event")


def test_tags_that_are_not_protected_are_named(tmp_path: Path) -> None:
    """A file that protects some tags is not changed, but told of those that release as well."""
    found = proposed(read(tmp_path, {**MANY, "trustpub.toml": '[tags]\nprotect = ["alpha-v*"]\n'}))

    assert ("alpha-v*",) == found.declaration.tag_protect
    assert "`beta-v*`" in reasons(found, "tags.protect")[0]


def test_packages_are_chosen_by_their_folders(tmp_path: Path) -> None:
    """One of several has the names and tags that it has among all of them."""
    found = proposed(read(tmp_path, MANY), Wishes(packages=("packages/beta/",)))

    assert [("beta", "testpypi", "pypi.yml", "testpypi-beta"), ("beta", "pypi", "pypi.yml", "pypi-beta")] == rows(found)
    assert ("beta-v*",) == found.declaration.tag_protect
    assert ["packages/beta"] * 2 == [row.path for row in found.declaration.publishers]


def test_an_index_of_ones_own(tmp_path: Path) -> None:
    """Its name is the environment's; PyPI comes last."""
    files = {"trustpub.toml": '[indexes.own]\nurl = "https://own.example/legacy/"\n'}
    found = proposed(read(tmp_path, files), Wishes(indexes=("pypi", "own", "testpypi")))

    assert ["testpypi", "own", "pypi"] == [row.index for row in found.declaration.publishers]
    assert ("tool", "own", "pypi.yml", "own") in rows(found)


def test_a_name_that_is_taken_is_not_taken_again(tmp_path: Path) -> None:
    """A file called pypi.yml that publishes nothing stays what it is."""
    files = {".github/workflows/pypi.yml": "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n"}
    found = proposed(read(tmp_path, files))

    assert {"publish-to-pypi.yml"} == {row.workflow for row in found.declaration.publishers}


def test_a_workflow_that_is_wished_for(tmp_path: Path) -> None:
    """By its name, or by its path."""
    for name in ("ship.yml", ".github/workflows/ship.yml"):
        assert {"ship.yml"} == {row.workflow for row in proposed(read(tmp_path), Wishes(workflow=name)).declaration.publishers}


@pytest.mark.parametrize(
    ("files", "wishes", "what"),
    [
        ({}, Wishes(indexes=("nowhere",)), "index `nowhere`"),
        ({}, Wishes(workflow="ship"), "workflow `ship`"),
        ({}, Wishes(workflow="a/b.yml"), "workflow `a/b.yml`"),
        ({".github/workflows/ci.yml": "on: push\njobs: {}\n"}, Wishes(workflow="ci.yml"), "workflow `ci.yml`"),
        ({}, Wishes(packages=("elsewhere",)), "the package in `elsewhere`"),
        ({}, Wishes(team=tuple("abcdefg")), "7 reviewers"),
        ({"pyproject.toml": ""}, Wishes(), "the package"),
        ({"pyproject.toml": '[project]\ndynamic = ["name"]\n'}, Wishes(), "the package in `.`"),
        ({".git/config": ""}, Wishes(), "the repository"),
    ],
)
def test_what_cannot_be_derived_is_asked_for(files: dict[str, str], wishes: Wishes, what: str, tmp_path: Path) -> None:
    """One line: what it is about, why, and what to do."""
    with pytest.raises(BadInput) as refused:
        proposed(read(tmp_path, files), wishes)

    assert what == refused.value.what
    assert refused.value.why
    assert refused.value.next_step


def test_an_enterprise_server_signs_as_itself(tmp_path: Path) -> None:
    """Its issuer is written down, for only an index of one's own may trust it."""
    config = '[remote "origin"]\nurl = https://github.firm.example/octo/tool.git\n'
    files = {".git/config": config, "trustpub.toml": '[indexes.own]\nurl = "https://own.example/"\n'}
    found = proposed(read(tmp_path, files), Wishes(indexes=("own",)))

    assert ["https://github.firm.example/_services/token"] == [row.issuer for row in found.declaration.publishers]


def test_nothing_is_proposed_without_a_reason_to(tmp_path: Path) -> None:
    """No accounts, no variables, nothing on attestations: they are somebody's word."""
    found = proposed(read(tmp_path)).declaration

    assert (Declaration().accounts, Declaration().vars, None) == (found.accounts, found.vars, found.attestations)
