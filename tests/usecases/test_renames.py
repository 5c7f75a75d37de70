"""A renamed repository: accepted tokens leave their number, and owners hear of the new name once."""

from __future__ import annotations

import json

from sqlalchemy import select, update

from tests.usecases.exchanging import Index
from trustpub.domain.claims import JSON
from trustpub.domain.publishers import publisher
from trustpub.storage.database import Connection
from trustpub.storage.tables import mails, publishers, users


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
    """The answer stays what it was; the log and one mail say why."""
    of_samples(ours)
    ours.minted(repository_id="77")
    before = ours.refused(**renamed(ours, repository_id="78"))
    assert [] == ours.see(told)
    answer = ours.refused(**renamed(ours, repository_id="77"))
    assert before == answer
    ours.refused(**renamed(ours, repository_id="77"))
    slug = str(ours.claims()["repository"]).lower()
    assert [f"The repository {slug} was renamed"] == ours.see(told)
    assert 1 == len(ours.events("publisher:renamed"))


def test_another_owner_with_the_same_number_is_nobody(ours: Index) -> None:
    """A number at another owner id is told to nobody."""
    of_samples(ours)
    ours.minted(repository_id="77")
    ours.refused(**renamed(ours, repository_id="77", repository_owner_id="1"))
    assert [] == ours.see(told)
