"""The client and the fake GitHub, with GitHub's own description between them: every promise of the port, by many kinds of people.

Where the description is at hand, each request and each answer is held against it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args

import pytest

from tests.parties.github.openapi import checked
from tests.parties.github.server import serve
from tests.parties.github.worlds import ANN, JSON, rich
from trustpub.domain.github_settings import (
    Account,
    ActionsPolicy,
    BranchGuard,
    Bypass,
    Environment,
    Hosted,
    Person,
    RefRule,
    Run,
    Subject,
)
from trustpub.domain.untold import Untold
from trustpub.errors import Denied, TrustpubError, Unreachable
from trustpub.parties.github.client import Client
from trustpub.parties.github.etags import Etags
from trustpub.parties.github.fake_state import Plan
from trustpub.parties.github.port import GitHub
from trustpub.parties.http import send

SLUG = "acme/lamp"


WORKFLOW = ".github/workflows/release.yml"


class Scene:
    """A repository of an organisation with something of everything, and a failed release of yesterday."""

    def __init__(self, ghes: str = "") -> None:
        self.fake = rich(ghes=ghes)
        self.run = self.fake.add_run(SLUG, path=WORKFLOW, branch="v1.0", conclusion="failure", actor="bob")
        rejected = ['Tag "v1.0" is not allowed to deploy to pypi due to environment protection rules.']
        self.job = self.fake.add_job(SLUG, self.run, started=False, conclusion="failure", log="2026 said\n", annotations=rejected)
        self.slept: list[float] = []
        self.lines: list[str] = []

    def client(self, token: str | None = ANN, etags: Etags | None = None) -> Client:
        """A client whose every word, and every answer to it, is compared with GitHub's description."""
        server = self.fake.ghes
        send = checked(self.fake.send, against=f"ghes-{server}" if server else "api.github.com")
        host = "git.example" if server else "github.com"
        return Client(host, send, token, clock=self.fake.clock, sleep=self.slept.append, say=self.lines.append, etags=etags)

    def id_of(self, login: str) -> str:
        """The number of an account."""
        found = self.fake.owner(login)
        assert found is not None
        return str(found.id)

    def reads(self) -> Mapping[str, Callable[[GitHub], object]]:
        """Everything that can be read."""
        run, job = str(self.run.id), str(self.job.id)
        return {
            "asker": lambda github: github.asker(),
            "account": lambda github: github.account("bob"),
            "team": lambda github: github.team("acme", "release"),
            "repository": lambda github: github.repository(SLUG),
            "environments": lambda github: github.environments(SLUG),
            "environment": lambda github: github.environment(SLUG, "PyPI"),
            "rulesets": lambda github: github.rulesets(SLUG),
            "actions": lambda github: github.actions(SLUG),
            "subject": lambda github: github.subject(SLUG),
            "immutable_releases": lambda github: github.immutable_releases(SLUG),
            "secrets": lambda github: github.secrets(SLUG, ["pypi"]),
            "people": lambda github: github.people(SLUG),
            "branch": lambda github: github.branch(SLUG, "main"),
            "runs": lambda github: github.runs(SLUG, workflow=WORKFLOW, event="push", most=5),
            "run": lambda github: github.run(SLUG, run),
            "jobs": lambda github: github.jobs(SLUG, run),
            "log": lambda github: github.log(SLUG, job),
            "annotations": lambda github: github.annotations(SLUG, job),
            "tag_commit": lambda github: github.tag_commit(SLUG, "v1.1"),
            "content": lambda github: github.content(SLUG, ".github/workflows/no.yml", "main"),
            "latest_release": lambda github: github.latest_release(SLUG),
        }


RULESET: Mapping[str, JSON] = {
    "name": "more",
    "target": "tag",
    "enforcement": "active",
    "conditions": {"ref_name": {"include": ["refs/tags/w*"], "exclude": []}},
    "rules": [{"type": "creation"}],
    "bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}],
}
WRITES: Mapping[str, Callable[[GitHub], object]] = {
    "put_environment": lambda github: github.put_environment(SLUG, "new", {"wait_timer": 5}),
    "add_ref_rule": lambda github: github.add_ref_rule(SLUG, "pypi", RefRule("tag", "w*")),
    "remove_ref_rule": lambda github: github.remove_ref_rule(SLUG, "pypi", RefRule("tag", "v*")),
    "put_ruleset": lambda github: github.put_ruleset(SLUG, RULESET),
    "dispatch": lambda github: github.dispatch(SLUG, WORKFLOW, "main", {}),
}


@pytest.fixture
def scene() -> Scene:
    """A scene of one's own."""
    return Scene()


def untold(github: GitHub, scene: Scene) -> set[str]:
    """Name what is not told, lists of secrets included."""
    told = {name: read(github) for name, read in scene.reads().items()}
    hidden = {name for name, value in told.items() if isinstance(value, Untold)}
    return hidden | ({"secrets"} if github.secrets(SLUG, ["pypi"])[1] else set())


def test_nothing_of_the_port_is_left_out(scene: Scene) -> None:
    """A new promise needs a test."""
    promised = {name for name, _ in inspect.getmembers(GitHub, inspect.isfunction) if not name.startswith("_")}

    assert promised == scene.reads().keys() | WRITES.keys()


def test_an_owner_is_told_everything(scene: Scene) -> None:
    """Nothing is unknown to who may do everything."""
    assert set() == untold(scene.client(), scene)


def test_a_server_is_told_from_a_function_by_nothing(scene: Scene) -> None:
    """The same answers over a real socket; the log lies behind another port."""
    expected = {name: read(scene.client()) for name, read in scene.reads().items()}
    with serve(scene.fake) as server:
        client = Client("github.com", send, ANN, api=server.api, clock=scene.fake.clock, sleep=scene.slept.append)
        assert expected == {name: read(client) for name, read in scene.reads().items()}


def test_a_stranger_is_told_what_is_public(scene: Scene) -> None:
    """The rest is unknown, and never empty."""
    hidden = {"actions", "asker", "immutable_releases", "log", "people", "secrets", "subject", "team"}

    assert hidden == untold(scene.client(None), scene)


def test_the_token_of_a_job_is_told_what_its_permissions_cover(scene: Scene) -> None:
    """It is nobody's, so it cannot say whose."""
    scene.fake.add_token("ghs_job", installation=True, permissions={"contents": "read", "actions": "read"}, repositories=[SLUG])
    hidden = untold(scene.client("ghs_job"), scene)

    assert {"asker", "actions", "immutable_releases", "secrets"} <= hidden
    assert not hidden & {"repository", "environments", "environment", "subject", "runs", "jobs", "log"}


def test_nobody_is_told_of_a_private_repository_that_is_not_theirs() -> None:
    """Not even that it exists."""
    scene = Scene()
    scene.fake.repositories[SLUG].visibility = "private"
    scene.fake.add_token("ghp_eve", "eve")
    github = scene.client("ghp_eve")

    assert github.repository(SLUG) is None
    assert {"environments", "environment", "rulesets", "runs", "run", "tag_commit", "latest_release"} <= untold(github, scene)


def test_a_file_is_read_as_a_branch_has_it(scene: Scene) -> None:
    """Byte by byte; one that the branch does not have is none, and without the right it is not known."""
    text, path = "name: \u00fcber\n".encode() * 40, ".github/workflows/a b.yml"
    scene.fake.add_file(SLUG, path, text)
    scene.fake.add_file(SLUG, path, b"", "next")
    scene.fake.add_token("github_pat_less", "ann", permissions={"metadata": "read"})
    github = scene.client()

    assert [text, b"", None, None] == [
        github.content(SLUG, *where) for where in ((path, "main"), (path, "next"), (path, "v1"), ("no.yml", "main"))
    ]
    scene.fake.repositories[SLUG].visibility = "private"
    less = scene.client("github_pat_less").content(SLUG, path, "main")
    assert isinstance(less, Untold)
    assert "Contents: read" == less.permission.replace("contents: read", "Contents: read")


def test_what_an_owner_is_told(scene: Scene) -> None:
    """As values."""
    github = scene.client()
    rights = ("admin", "maintain", "push", "triage", "pull")

    hosted = github.repository("ACME/lamp")
    assert isinstance(hosted, Hosted)
    assert (SLUG, "Organization", rights, "team", "") == (
        hosted.slug,
        hosted.owner.kind,
        hosted.may,
        hosted.plan,
        hosted.renamed_from,
    )
    assert Account("ann", scene.id_of("ann"), "User") == github.asker()
    assert BranchGuard("main", ("deletion", "pull_request"), True) == github.branch(SLUG, "main")
    assert ActionsPolicy(True, "all", default_permissions="read", may_approve=False) == github.actions(SLUG)
    subject = github.subject(SLUG)
    assert isinstance(subject, Subject)
    assert (True, "repo:acme/lamp") == (subject.use_default, subject.prefix)
    assert github.immutable_releases(SLUG) is False
    people = github.people(SLUG)
    assert not isinstance(people, Untold)
    assert Person(Account("ann", scene.id_of("ann"), "User"), "admin") in people
    assert ("acme/release", "write") in {(each.account.login, each.role) for each in people}
    assert "carl" not in {each.account.login for each in people}
    assert "v1.0" == github.latest_release(SLUG)
    assert scene.fake.repositories[SLUG].tags["v1.1"].commit == github.tag_commit(SLUG, "v1.1")
    assert github.tag_commit(SLUG, "v9") is None
    assert github.account("nobody-at-all") is None


def test_environments_are_read_with_every_rule(scene: Scene) -> None:
    """Of patterns, of protected branches."""
    found = scene.client().environments(SLUG)

    assert not isinstance(found, Untold)
    assert {"pypi", "docs"} == found.keys()
    pypi, docs = found["pypi"], found["docs"]
    assert ("patterns", 5, True, ("gate",)) == (pypi.policy, pypi.wait_minutes, pypi.admins_bypass, pypi.apps)
    assert ["ann", "acme/release"] == [each.login for each in pypi.reviewers]
    assert not isinstance(pypi.rules, Untold)
    assert {("branch", "main"), ("tag", "v*")} == {(rule.kind, rule.pattern) for rule in pypi.rules}
    assert ("protected", (), False, None) == (docs.policy, docs.rules, docs.admins_bypass, docs.prevent_self_review)
    assert scene.client().environment(SLUG, "nope") is None


def test_rulesets_of_the_repository_and_of_its_owner(scene: Scene) -> None:
    """Who may pass is told to those who may edit."""
    found = scene.client().rulesets(SLUG)
    strangers = scene.client(None).rulesets(SLUG)

    assert not isinstance(found, Untold)
    assert {("tags", "Repository"), ("everywhere", "Organization")} == {(each.name, each.source) for each in found}
    assert (Bypass("RepositoryRole", "5"),) == next(each.bypass for each in found if each.name == "tags")
    assert not isinstance(strangers, Untold)
    assert [Untold] * 2 == [type(each.bypass) for each in strangers]


def test_secrets_of_every_list(scene: Scene) -> None:
    """Those of the organisation only where they reach this repository."""
    found, hidden = scene.client().secrets(SLUG, ["pypi", "docs"])
    expected = {
        ("PYPI_API_TOKEN", "repository"),
        ("SHARED", "organization"),
        ("TWINE_PASSWORD", "dependabot"),
        ("PASSWORD", "environment pypi"),
    }

    assert expected == {(each.name, each.where) for each in found}
    assert () == hidden


def test_a_failed_release_is_found_again(scene: Scene) -> None:
    """From the workflow's file to the sentence that GitHub left beside the job."""
    github = scene.client()

    runs = github.runs(SLUG, workflow=WORKFLOW, most=1)
    assert not isinstance(runs, Untold)
    (run,) = runs
    assert isinstance(run, Run)
    assert ("v1.0", "failure", "bob", WORKFLOW) == (run.branch, run.conclusion, run.actor, run.path)
    jobs = github.jobs(SLUG, run.id)
    assert not isinstance(jobs, Untold)
    assert (False, "failure") == (jobs[0].started, jobs[0].conclusion)
    said = 'Tag "v1.0" is not allowed to deploy to pypi due to environment protection rules.'
    beside = github.annotations(SLUG, jobs[0].id)
    assert not isinstance(beside, Untold)
    assert [("failure", said)] == [(each.level, each.message) for each in beside]
    assert "2026 said\n" == github.log(SLUG, jobs[0].id)
    scene.job.log_gone = True
    assert github.log(SLUG, jobs[0].id) is None
    assert github.run(SLUG, "999999") is None


def test_what_was_put_is_read_back(scene: Scene) -> None:
    """An environment with its patterns, twice: the second time nothing changes."""
    github, slug = scene.client(), SLUG
    ann = int(scene.id_of("ann"))
    body: Mapping[str, JSON] = {
        "wait_timer": 10,
        "prevent_self_review": True,
        "reviewers": [{"type": "User", "id": ann}],
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
        "can_admins_bypass": False,
    }
    for _ in range(2):
        github.put_environment(slug, "Test/PyPI", body)
        github.add_ref_rule(slug, "Test/PyPI", RefRule("tag", "v*"))
    found = github.environment(slug, "test/pypi")

    assert isinstance(found, Environment)
    assert ("Test/PyPI", 10, True, False, "patterns") == (
        found.name, found.wait_minutes, found.prevent_self_review, found.admins_bypass, found.policy,
    )  # fmt: skip
    assert not isinstance(found.rules, Untold)
    (rule,) = found.rules
    for _ in range(2):
        github.remove_ref_rule(slug, "Test/PyPI", rule)
    emptied = github.environment(slug, "Test/PyPI")
    assert isinstance(emptied, Environment)
    assert () == emptied.rules


def test_a_ruleset_is_put_and_put_again(scene: Scene) -> None:
    """The second time by its id."""
    github = scene.client()
    number = github.put_ruleset(SLUG, RULESET)

    assert number == github.put_ruleset(SLUG, {**RULESET, "enforcement": "disabled"}, number)
    found = github.rulesets(SLUG)
    assert not isinstance(found, Untold)
    assert ["disabled"] == [each.enforcement for each in found if each.id == number]


def test_a_run_is_started_by_hand(scene: Scene) -> None:
    """And its address comes back."""
    github = scene.client()

    address = github.dispatch(SLUG, WORKFLOW, "main", {"index": "testpypi"})

    newest = github.runs(SLUG, event="workflow_dispatch")
    assert not isinstance(newest, Untold)
    assert address == newest[0].url


@pytest.mark.parametrize("name", WRITES)
def test_who_may_only_read_is_denied(scene: Scene, name: str) -> None:
    """With a step to take; nothing has changed."""
    scene.fake.add_token("ghp_eve", "eve")
    fine = {"metadata": "read", "contents": "read", "actions": "read", "administration": "read"}
    scene.fake.add_token("github_pat_ann", "ann", permissions=fine)

    for token, permission in (("ghp_eve", None), ("github_pat_ann", "write"), (None, None)):
        with pytest.raises(Denied) as caught:
            WRITES[name](scene.client(token))
        assert caught.value.next_step
        assert token is None or token not in f"{caught.value}{caught.value!r}"
        assert permission is None or caught.value.permission.endswith(f": {permission}")
    assert [] == [each for each in scene.fake.writes if each.status < 300]


def test_a_renamed_repository_is_read_under_its_old_name(scene: Scene) -> None:
    """Everything that is asked for arrives, changes too."""
    scene.fake.rename_repository(SLUG, "lantern")
    github = scene.client()
    found = github.repository(SLUG)

    assert isinstance(found, Hosted)
    assert ("acme/lantern", SLUG) == (found.slug, found.renamed_from)
    assert set() == untold(github, scene)
    github.put_environment(SLUG, "new", {})
    assert "new" in scene.fake.repositories["acme/lantern"].environments


def test_a_second_reading_costs_nothing(scene: Scene, tmp_path: Path) -> None:
    """Everything that has not changed is told by its ETag; what has changed is told anew."""
    for _ in range(2):
        started = len(scene.fake.requests)
        assert set() == untold(scene.client(etags=Etags(str(tmp_path))), scene)
    again = [
        each.status
        for each in scene.fake.requests[started:]
        if each.status == 200 and not each.path.startswith("/actions-results/")
    ]
    assert [] == again

    scene.fake.add_environment(SLUG, "third")
    found = scene.client(etags=Etags(str(tmp_path))).environments(SLUG)
    assert not isinstance(found, Untold)
    assert "third" in found


def test_a_pause_is_waited_and_a_long_one_is_told(scene: Scene) -> None:
    """By what GitHub says of itself."""
    scene.fake.slow_down(1, retry_after=12, status=429)
    assert isinstance(scene.client().repository(SLUG), Hosted)
    assert [12] == scene.slept

    scene.fake.exhaust(reset_in=600)
    with pytest.raises(Unreachable, match=r"all 5000 requests of this hour are used\. Come back in 11 minutes"):
        scene.client().repository(SLUG)


def test_an_expired_token_is_named_by_every_call(scene: Scene) -> None:
    """Exit 3, and not a word of the token."""
    scene.fake.add_token("ghp_expired_canary", "ann", expired=True)
    github = scene.client("ghp_expired_canary")

    for call in (*scene.reads().values(), *WRITES.values()):
        with pytest.raises(Unreachable, match="GitHub no longer takes the token") as caught:
            call(github)
        assert "canary" not in f"{caught.value}{caught.value!r}"


@pytest.mark.parametrize("plan", get_args(Plan)[:3])
def test_what_a_plan_does_not_offer_is_denied_in_githubs_words(plan: Plan) -> None:
    """A private repository has no reviewers there."""
    scene = Scene()
    scene.fake.repositories[SLUG].visibility, scene.fake.repositories[SLUG].plan = "private", plan

    with pytest.raises(Denied) as caught:
        scene.client().put_environment(SLUG, "new", {"wait_timer": 5})
    assert "GitHub refused it (4" in caught.value.why
    assert caught.value.next_step


def test_an_enterprise_server_is_asked_only_what_it_knows() -> None:
    """No call is one that its description lacks, but for immutable releases, which newer ones have."""
    scene = Scene(ghes="3.17")
    github = scene.client()
    found = github.repository(SLUG)

    assert isinstance(found, Hosted)
    assert "enterprise" == found.plan
    for name, call in {**scene.reads(), **WRITES}.items():
        if name != "immutable_releases":
            try:
                call(github)
            except TrustpubError as problem:
                raise AssertionError(name) from problem
