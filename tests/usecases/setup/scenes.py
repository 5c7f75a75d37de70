"""A repository on the fake GitHub, with everything that a setup wants declared, and short words to plan and to apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.parties.github.openapi import checked
from trustpub.domain.declaration import Declaration, DeclaredEnvironment, DeclaredPublisher
from trustpub.domain.github_settings import GitHubSide, Hosted
from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold
from trustpub.parties.github.client import Client
from trustpub.parties.github.fake import FakeGitHub
from trustpub.usecases.setup.environments import environment_steps
from trustpub.usecases.setup.run import Plan
from trustpub.usecases.setup.tag_rules import tag_steps

if TYPE_CHECKING:
    from trustpub.parties.github.fake_state import Plan as PlanName
    from trustpub.parties.github.fake_state import Visibility
    from trustpub.parties.wire import Send

SLUG = "Octo-Org/Lamp"
TOKEN = "ghp_owner"
ROW = DeclaredPublisher("lamp", "pypi", Provider.GITHUB, "Octo-Org", "", "Lamp", "pypi.yml", "pypi", "", "")
RULES = DeclaredEnvironment(
    "pypi",
    reviewers=("maria", "Octo-Org/makers"),
    wait_minutes=10,
    branches=("main",),
    tags=("v*",),
    admins_bypass=False,
    prevent_self_review=True,
)
WANTED = Declaration(publishers=(ROW,), environments={"pypi": RULES}, tag_protect=("v*",), path="trustpub.toml")


def github(plan: PlanName = "team", visibility: Visibility = "public") -> FakeGitHub:
    """A GitHub with one organisation, its owner, a writer, a team, and a repository."""
    fake = FakeGitHub()
    fake.add_organization("Octo-Org", plan=plan, owners=["olga"], members=["maria", "nils"])
    fake.add_team("Octo-Org", "makers", ["maria"])
    fake.add_team("Octo-Org", "readers", ["nils"])
    fake.add_repository("Octo-Org", "Lamp", visibility=visibility, collaborators={"nils": "write"}, teams={"makers": "maintain"})
    fake.add_token(TOKEN, "olga", scopes=("repo", "admin:org", "workflow"))
    return fake


def client(fake: FakeGitHub, token: str | None = TOKEN, send: Send | None = None) -> Client:
    """The client of it, as the owner."""
    return Client("github.com", checked(send or fake.send), token, clock=lambda: 1_790_000_000.0, sleep=lambda _: None)


def side(asked: Client) -> GitHubSide:
    """What GitHub tells of the repository."""
    hosted = asked.repository(SLUG)
    assert isinstance(hosted, Hosted)
    nobody = Untold("not asked")
    environments, rulesets = asked.environments(SLUG), asked.rulesets(SLUG)
    return GitHubSide(hosted, environments, rulesets, nobody, nobody, nobody, (), (), nobody, nobody)


def plan(fake: FakeGitHub, wanted: Declaration = WANTED, *, token: str | None = TOKEN, prune: bool = False) -> Plan:
    """Plan GitHub's part of a setup."""
    asked = client(fake, token)
    read = side(asked)
    return Plan(SLUG, (*environment_steps(asked, read, wanted, prune=prune), *tag_steps(asked, read, wanted)))


def changes(found: Plan) -> list[str]:
    """Every change of a plan in a line of its own."""
    return [f"{step.key}: {each.sign} {each.field} {each.before}>{each.after}" for step in found.steps for each in step.changes]


def state(fake: FakeGitHub) -> object:
    """What GitHub holds in the end, without numbers and times."""
    repository = fake.repositories[SLUG.lower()]
    environments = [
        (
            each.name,
            each.wait_timer,
            sorted(each.reviewers),
            each.prevent_self_review,
            each.branch_policy,
            each.can_admins_bypass,
            sorted((policy.type, policy.name) for policy in each.policies.values()),
        )
        for each in repository.environments.values()
    ]
    rulesets = [
        (each.name, each.target, each.enforcement, each.bypass_actors, each.conditions, each.rules)
        for each in repository.rulesets.values()
    ]
    return environments, rulesets


def refused(fake: FakeGitHub) -> list[str]:
    """The calls that GitHub refused: whatever asks whether something is there may be told that it is not."""
    return [f"{each.method} {each.path} {each.status}" for each in fake.writes if each.status >= 400]
