"""Publishers by forms: what is asked, what is refused in which field, what changes, and who is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.domain.samples import github_claims
from tests.usecases.projects.town import Town, code
from trustpub.storage import publishers
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.publishing import Registration
from trustpub.usecases.publishing.waiting import MOST_PENDING

GITHUB = {
    "provider": "github",
    "owner": "octo",
    "owner_id": "42",
    "repository": "orchay",
    "workflow_filename": "release.yml",
    "environment": "",
}
GITLAB = {"provider": "gitlab", "namespace": "octo/sub", "project": "orchay", "workflow_filepath": "ci/release.yml"}


def fields(answer: object) -> list[str]:
    """The fields that a refusal names."""
    assert isinstance(answer, NotDone), answer
    return [each.field for each in answer.problems]


def added(answer: object) -> Registration:
    """What was registered."""
    assert isinstance(answer, Registration), answer
    return answer


def test_a_publisher_is_added_listed_constrained_and_removed(here: Town) -> None:
    """By its owner, with an event and a mail for each."""
    ann = here.person("ann")
    here.project("orchay", ann)
    here.project("other", ann)
    one = added(here.publishing.add(ann, "orchay", {**GITHUB, "refs": "refs/tags/v*, refs/heads/main"}))
    other = added(here.publishing.add(ann, "other", GITHUB))
    assert one.publisher.identity == other.publisher.identity
    assert ("refs/tags/v*", "refs/heads/main") == one.publisher.refs
    again = added(here.publishing.add(ann, "orchay", {**GITHUB, "refs": "refs/tags/v* refs/heads/main"}))
    assert (one.id, False) == (again.id, again.new)
    assert "already-there" == code(here.publishing.add(ann, "orchay", GITHUB))
    tighter = added(here.publishing.constrain(ann, one.id, {"refs": "refs/tags/v*"}))
    assert (one.id, ("refs/tags/v*",)) == (tighter.id, tighter.publisher.refs)
    assert other.publisher == added(here.publishing.constrain(ann, other.id, {})).publisher
    constrained = added(here.publishing.constrain(ann, one.id, {"environment": "PyPI"}))
    assert ("pypi", ("refs/tags/v*",)) == (constrained.publisher.get("environment"), constrained.publisher.refs)
    assert "not-found" == code(here.publishing.remove(ann, one.id))
    assert (constrained,) == here.publishing.of_project(ann, "orchay")
    here.publishing.remove(ann, constrained.id)
    assert () == here.publishing.of_project(ann, "orchay")
    assert ["publisher:added", "publisher:constrained", "publisher:constrained", "publisher:removed"] == [
        event.kind for event in here.events("orchay")
    ]
    assert 4 == len([subject for _, subject, _ in here.mails() if "orchay" in subject])


def test_a_publisher_that_was_used_is_there_already(here: Town) -> None:
    """What its last token said, a GitLab namespace's number too, is nothing that anybody registers."""
    ann = here.person("ann")
    here.project("orchay", ann)
    one = added(here.publishing.add(ann, "orchay", GITLAB))
    said = '{"id":"7","name":"octo/sub/orchay","owner":"70"}'
    here.database.write(lambda connection: publishers.note_seen(connection, int(one.id.partition("-")[0]), said)).result()
    again = added(here.publishing.add(ann, "orchay", GITLAB))
    assert (one.id, False) == (again.id, again.new)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"owner_id": ""}, ["repository_owner_id"]),
        ({"owner_id": "octo"}, ["repository_owner_id"]),
        ({"repository": "a/b"}, ["repository"]),
        ({"workflow_filename": "release.txt"}, ["workflow_filename"]),
        ({"refs": "v*"}, ["refs"]),
        ({"allowed_events": "push"}, ["allowed_events"]),
        ({"provider": "x"}, ["provider"]),
        ({"owner": "-x", "repository": ""}, ["owner", "repository"]),
    ],
)
def test_what_is_wrong_is_said_by_the_names_of_the_form(here: Town, changed: dict[str, str], named: list[str]) -> None:
    """And nothing is registered."""
    ann = here.person("ann")
    here.project("orchay", ann)
    told = fields(here.publishing.add(ann, "orchay", {**GITHUB, **changed}))
    assert [{"repository_owner_id": "owner_id"}.get(each, each) for each in named] == told
    assert not here.events("orchay")


def test_a_page_may_post_all_of_its_tabs(here: Town) -> None:
    """Fields of another provider are left alone; GitLab's own issuer is taken."""
    ann = here.person("ann")
    here.project("orchay", ann)
    made = added(here.publishing.add(ann, "orchay", {**GITHUB, **GITLAB}))
    assert "https://gitlab.com" == made.publisher.issuer
    google = {"provider": "google", "email": "a@b.example.com", "refs": "refs/tags/v*"}
    assert "refs" in fields(here.publishing.add(ann, "orchay", google))


def test_pending_publishers_wait_expire_and_are_reminded_of_once(here: Town) -> None:
    """Several for one workflow; what is over is gone from every list before the sweeper comes."""
    ann, eve = here.person("ann"), here.person("eve")
    first = added(here.publishing.add_pending(ann, {**GITHUB, "project_name": "first"}))
    added(here.publishing.add_pending(ann, {**GITHUB, "project_name": "second"}))
    assert (True, int(here.now) + 30 * 86_400) == (first.pending, first.expires)
    assert "already-pending" == code(here.publishing.add_pending(eve, {**GITHUB, "project_name": "First"}))
    assert not added(here.publishing.add_pending(ann, {**GITHUB, "project_name": "first"})).new
    assert "not-found" == code(here.publishing.remove(eve, first.id))
    here.now += 26 * 86_400
    assert (0, 0) == (here.publishing.sweep(), here.publishing.sweep())
    assert 2 == len([subject for _, subject, _ in here.mails() if "expires on" in subject])
    here.now += 4 * 86_400
    assert () == here.publishing.pending_of(ann)
    assert "sign-in-first" != code(here.publishing.pending_of(ann))
    assert 2 == here.publishing.sweep()
    assert () == here.see(publishers.all_pending)
    assert 2 == len([event for event in here.events() if event.kind == "pending-publisher:expired"])


def test_names_that_cannot_be_registered(here: Town) -> None:
    """Existing ones by a stranger, those that look alike, retired ones, and what is no name."""
    ann, eve = here.person("ann"), here.person("eve")
    here.project("orchay", ann)
    here.project("gone", ann)
    here.projects.lifecycle.delete(ann, "gone", "gone")
    for name, why in (
        ("orchay", "not-owner"),
        ("0rchay", "name-taken"),
        ("g0ne", "name-retired"),
        ("json", "invalid-field"),
        ("", "invalid-field"),
    ):
        assert why == code(here.publishing.add_pending(eve, {**GITHUB, "project_name": name})), name


def test_a_form_says_everything_that_is_wrong_at_once(here: Town) -> None:
    """The name of the project with the fields of its publisher; who may register none hears nothing of it."""
    form = {**GITHUB, "owner": "a b", "owner_id": "", "project_name": "-bad"}
    assert ["project", "owner_id", "owner"] == fields(here.publishing.add_pending(here.person("ann"), form))
    long_ago = replace(here.person("eve"), proven=0.0)
    assert code(here.publishing.add_pending(long_ago, form)) == "prove-it-is-you"


def test_one_user_has_so_many_pending_publishers(here: Town) -> None:
    """A hundred, and then none until one is used or removed."""
    ann = here.person("ann")
    made = [here.publishing.add_pending(ann, {**GITHUB, "project_name": f"p{number}x"}) for number in range(MOST_PENDING + 1)]
    assert ["", "too-many-pending"] == [code(made[-2]), code(made[-1])]


def test_trying_claims_shows_the_whole_difference_to_owners(here: Town) -> None:
    """By id or by form, without a signature, and without spending anything; strangers learn nothing."""
    ann, eve = here.person("ann"), here.person("eve")
    here.project("orchay", ann)
    made = added(here.publishing.add(ann, "orchay", GITHUB))
    claims = {
        "repository": "octo/orchay",
        "repository_owner": "octo",
        "repository_owner_id": "42",
        "job_workflow_ref": "octo/orchay/.github/workflows/release.yml@refs/tags/v1",
        "ref": "refs/tags/v1",
        "sha": "0" * 40,
        "event_name": "push",
    }
    good = here.publishing.test(ann, made.id, json.dumps(claims))
    assert not isinstance(good, NotDone)
    assert "accepted" == good.verdict
    bad = here.publishing.test(ann, {**GITHUB, "repository": "other"}, json.dumps(claims))
    assert not isinstance(bad, NotDone)
    assert ("refused", [("repository_name", "other", "orchay")]) == (bad.verdict, [tuple(each) for each in bad.differences])
    assert "not-owner" == code(here.publishing.test(eve, made.id, json.dumps(claims)))
    for text in ("", "[]", "x" * 70_000, '{"a":' * 5000):
        assert ["claims"] == fields(here.publishing.test(ann, made.id, text))


def test_generic_claims_are_written_a_line_each(here: Town) -> None:
    """A claim twice, or a line without a value, is refused before anything else."""
    ann = here.person("ann")
    here.project("orchay", ann)
    form = {"provider": "oidc", "issuer": "https://ci.example", "claims": "sub = x\nsub = y"}
    assert "claims" in fields(here.publishing.add(ann, "orchay", form))
    assert "issuer" in fields(here.publishing.add(ann, "orchay", {**form, "claims": "sub = x"}))


def test_trying_claims_tells_of_a_project_that_takes_no_files(here: Town) -> None:
    """The exchange would be accepted all the same, and the upload refused."""
    ann = here.person("ann")
    here.project("orchay", ann)
    made = added(here.publishing.add(ann, "orchay", {**GITHUB, "workflow_filename": "pypi.yml", "environment": ""}))
    here.projects.lifecycle.archive(ann, "orchay")
    tried = here.publishing.test(ann, made.id, json.dumps({**github_claims()}))
    assert not isinstance(tried, NotDone)
    assert ("accepted", "archived") == (tried.verdict, tried.closed)
    assert "every upload with it would be refused: the project is archived" in tried.why


def test_a_name_that_was_taken_is_said_in_the_list(here: Town) -> None:
    """The row stays until its exchange or its owner removes it, and can be seen for what it is."""
    ann, eve = here.person("ann"), here.person("eve")
    added(here.publishing.add_pending(eve, {**GITHUB, "project_name": "Orchay"}))
    added(here.publishing.add_pending(eve, {**GITHUB, "project_name": "other"}))
    here.project("orchay", ann)
    listed = here.publishing.pending_of(eve)
    assert not isinstance(listed, NotDone)
    assert {"Orchay": True, "other": False} == {each.project: each.taken for each in listed}
