"""Names that moved: accepted tokens leave their number, and owners hear of a new name, or of a new holder, once."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from tests.domain.samples import github, github_claims, gitlab, gitlab_claims
from tests.usecases.exchanging import NOW, Index
from trustpub.domain.claims import JSON
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import Provider, publisher
from trustpub.domain.renames import Moved
from trustpub.storage.database import Connection
from trustpub.storage.tables import mails, publishers, users
from trustpub.usecases.exchange import Minted, Ready, Refusal
from trustpub.usecases.publishing.linking import hold
from trustpub.usecases.publishing.registration import linked_to
from trustpub.usecases.publishing.trying import Tested as Outcome
from trustpub.usecases.publishing.trying import tried


def told(connection: Connection) -> list[str]:
    """The subjects of all mails."""
    return [*connection.execute(select(mails.c.subject)).scalars()]


def seen(connection: Connection) -> JSON:
    """What the only publisher's tokens said."""
    kept: JSON = json.loads(connection.execute(select(publishers.c.seen)).scalar_one())
    return kept


def renamed(index: Index, **claims: JSON) -> dict[str, JSON]:
    """The claims of the same repository under another name."""
    ready = index.claims()
    owner = str(ready["repository_owner"])
    slug = f"{owner}/renamed"
    called = str(ready["job_workflow_ref"]).replace(str(ready["repository"]), slug)
    return {"repository": slug, "job_workflow_ref": called, **claims}


def of_samples(index: Index) -> None:
    """A project whose publisher is the samples' repository, and an owner who reads mail."""
    claims = index.claims()
    fields = {
        "repository_owner": str(claims["repository_owner"]),
        "repository_owner_id": str(claims["repository_owner_id"]),
        "repository_name": str(claims["repository"]).partition("/")[2],
        "workflow_filename": str(claims["job_workflow_ref"]).partition("@")[0].rpartition("/")[2],
    }
    index.project("orchay", publisher("github", fields))
    index.do(lambda connection: connection.execute(update(users).values(email_verified_at=1.0)).rowcount)


def test_an_accepted_token_leaves_its_number(ours: Index) -> None:
    """Number and name are kept with the publisher, and a second token of the same place writes nothing."""
    of_samples(ours)
    ours.minted(repository_id="77")
    expected = {"id": "77", "name": str(ours.claims()["repository"]).lower()}
    assert expected == ours.see(seen)
    ours.minted(repository_id="77")
    assert expected == ours.see(seen)


def test_a_renamed_repository_is_told_to_its_owners_once(ours: Index) -> None:
    """Another number of the same owner is another repository; the log, one mail and the refusal tell of the same number."""
    of_samples(ours)
    ours.minted(repository_id="77")
    assert "renamed:" not in ours.refused(**renamed(ours, repository_id="78")).description
    assert [] == ours.see(told)
    answer = ours.refused(**renamed(ours, repository_id="77"))
    assert "the repository `octo/orchay` was renamed: it is `octo/renamed` now" in answer.description
    ours.refused(**renamed(ours, repository_id="77"))
    assert ["The repository octo/orchay was renamed"] == ours.see(told)
    assert 1 == len(ours.events("publisher:renamed"))


def test_another_owner_with_the_same_number_is_nobody(ours: Index) -> None:
    """A number at another owner id is told to nobody."""
    of_samples(ours)
    ours.minted(repository_id="77")
    ours.refused(**renamed(ours, repository_id="77", repository_owner_id="1"))
    assert [] == ours.see(told)


OWNER_RENAMED: dict[str, JSON] = {
    "repository": "octocorp/orchay",
    "repository_owner": "octocorp",
    "job_workflow_ref": "octocorp/orchay/.github/workflows/pypi.yml@refs/tags/v1",
}
"""The same repository of the same account, after the account was renamed."""
OWNER_WORDS = "the owner `octo` was renamed: the same account is called `octocorp` now."


@pytest.mark.parametrize("used", [True, False])
def test_a_renamed_owner_is_refused_and_told_once(ours: Index, used: bool) -> None:
    """The pinned id leads from the new name to the publisher, used before or not: refusal, log, mail and list say so."""
    of_samples(ours)
    if used:
        ours.minted()
    answers = [ours.refused(**OWNER_RENAMED) for _ in range(2)]
    assert all(OWNER_WORDS in answer.description and "Register the publisher" in answer.description for answer in answers)
    assert [("repository_owner", "octo", "octocorp")] == [tuple(each) for each in answers[0].differences]
    (event,) = ours.events("publisher:owner-renamed")
    assert ("octo", "octocorp") == (event.detail["before"], event.detail["now"])
    assert 2 == len([each for each in ours.events("exchange:refused") if each.project_id == event.project_id])
    assert ["The owner octo was renamed"] == ours.see(told)
    assert [(Moved("owner", "octo", "octocorp"),)] == [each.moved for each in ours.see(linked_to)]


def test_the_owner_under_its_old_name_again_is_told_no_longer(ours: Index) -> None:
    """An accepted token says that all is well; the next rename is news."""
    of_samples(ours)
    ours.refused(**OWNER_RENAMED)
    ours.minted(repository_id="77")
    assert [()] == [each.moved for each in ours.see(linked_to)]
    ours.refused(**OWNER_RENAMED)
    assert 2 == len(ours.events("publisher:owner-renamed"))


def test_whoever_takes_the_old_name_is_refused_and_told_of(ours: Index) -> None:
    """The old name with another number: nobody gets in, the owners hear of it once, the stranger learns no number."""
    of_samples(ours)
    ours.minted()
    for _ in range(2):
        answer = ours.refused(repository_owner_id="666")
        assert "this name now belongs to another account" in answer.description
        assert "42" not in answer.description
        assert [("repository_owner_id", None, "666")] == [tuple(each) for each in answer.differences]
    assert ["666"] == [event.detail["now"] for event in ours.events("publisher:name-taken")]
    assert ["The name octo belongs to another account"] == ours.see(told)


def test_a_stranger_with_a_like_repository_is_told_nothing(ours: Index) -> None:
    """Another account, another name: nothing leads to the publisher."""
    of_samples(ours)
    answer = ours.refused(**{**OWNER_RENAMED, "repository_owner_id": "43"})
    assert () == answer.differences
    assert "octo`" not in answer.description
    assert [] == ours.see(told)


def test_a_pending_publisher_of_a_renamed_owner_is_explained(ours: Index) -> None:
    """It creates nothing, and the refusal says why."""
    ours.pending("orchay", github())
    assert OWNER_WORDS in ours.refused(**OWNER_RENAMED).description
    assert (["orchay"], []) == ([row.project for row in ours.waiting()], ours.all_names())


def test_a_pending_publisher_writes_nothing_to_a_publisher_of_its_number(ours: Index) -> None:
    """Rows of two tables share numbers: what the other one knew would be lost, and its owner told of somebody else's names."""
    fields = {"repository_owner": "ann", "repository_owner_id": "9", "repository_name": "lib", "workflow_filename": "r.yml"}
    ours.project("lib", publisher("github", fields))
    ours.pending("orchay", github())
    ours.refused(**OWNER_RENAMED)
    assert {} == ours.see(seen)


def test_under_pypis_rules_the_answer_stays_pypis(pypi: Index) -> None:
    """The owners hear of it; the caller hears PyPI's words."""
    of_samples(pypi)
    answer = pypi.refused(**OWNER_RENAMED)
    assert "valid token, but no corresponding publisher (Publisher with matching claims was not found)" == answer.description
    assert 1 == len(pypi.events("publisher:owner-renamed"))


def of_gitlab(index: Index, **claims: JSON) -> Ready:
    """A token of GitLab project 7 in namespace 70."""
    number = len(index.events("exchange:refused")) + index.count("replays")
    ready = gitlab_claims(**{"jti": f"gitlab-{number}", "project_id": "7", "namespace_id": "70", **claims})
    return index.ready({**ready}, Provider.GITLAB)


def at(path: str) -> dict[str, JSON]:
    """The claims of a GitLab project at another path."""
    return {
        "project_path": path,
        "sub": f"project_path:{path}:ref_type:tag:ref:v1",
        "ci_config_ref_uri": f"gitlab.com/{path}//.gitlab-ci.yml@refs/tags/v1",
    }


@pytest.mark.parametrize(
    ("path", "namespace", "kind", "words"),
    [
        ("renamed/orchay", "70", "publisher:owner-renamed", "the namespace `group/team` was renamed"),
        ("group/team/renamed", "70", "publisher:renamed", "the project `group/team/orchay` was renamed"),
        ("elsewhere/orchay", "71", "publisher:renamed", "the project `group/team/orchay` was renamed"),
    ],
)
def test_gitlab_names_that_moved_are_known_by_number(ours: Index, path: str, namespace: str, kind: str, words: str) -> None:
    """The last accepted token left the numbers; a token under another path is refused and told of."""
    ours.project("orchay", gitlab())
    assert isinstance(ours.settle(of_gitlab(ours)), Minted)
    answer = ours.settle(of_gitlab(ours, namespace_id=namespace, **at(path)))
    assert isinstance(answer, Refusal)
    assert words in answer.description
    assert 1 == len(ours.events(kind))


def test_a_gitlab_name_of_another_namespace_is_refused(ours: Index) -> None:
    """No number is registered for GitLab: that of the last accepted token counts. A project made anew by its owner is fine."""
    ours.project("orchay", gitlab())
    assert isinstance(ours.settle(of_gitlab(ours)), Minted)
    assert isinstance(ours.settle(of_gitlab(ours, project_id="8")), Minted)
    answer = ours.settle(of_gitlab(ours, project_id="9", namespace_id="71"))
    assert isinstance(answer, Refusal)
    assert "this name now belongs to another account" in answer.description
    assert 1 == len(ours.events("publisher:name-taken"))
    assert isinstance(ours.settle(of_gitlab(ours, project_id="8")), Minted)


def test_a_namespace_stays_held_on_to_when_an_environment_is_added(ours: Index) -> None:
    """Another environment makes another row, which no token has used yet."""
    project = ours.project("orchay", gitlab(environment=""))
    assert isinstance(ours.settle(of_gitlab(ours)), Minted)

    def work(connection: Connection) -> None:
        (there,) = linked_to(connection, project.id)
        hold(connection, "bob", project, there, gitlab(environment="pypi"), NOW)

    ours.do(work)
    assert isinstance(ours.settle(of_gitlab(ours, namespace_id="71")), Refusal)
    assert isinstance(ours.settle(of_gitlab(ours)), Minted)


def test_trying_claims_tells_of_names_that_moved() -> None:
    """The page where owners paste claims says the same as the refusal."""
    renamed_owner = tried(github(), json.dumps(github_claims(**OWNER_RENAMED)), Profile.TRUSTPUB)
    assert isinstance(renamed_owner, Outcome)
    assert ("refused", Moved("owner", "octo", "octocorp")) == (renamed_owner.verdict, renamed_owner.moved)
    assert OWNER_WORDS in renamed_owner.why
    theirs = gitlab_claims(project_id="9", namespace_id="71")
    seen: dict[str, JSON] = {"id": "7", "owner": "70"}
    used = gitlab()._replace(namespace_id="70")
    verdicts = [tried(used, json.dumps(theirs), profile, seen) for profile in (Profile.TRUSTPUB, Profile.PYPI)]
    assert ["refused", "accepted"] == [each.verdict for each in verdicts if isinstance(each, Outcome)]
