"""States, switches, releases and deletion: readers learn of each at once, and names that are gone stay gone."""

from __future__ import annotations

from sqlalchemy import delete, update

from tests.usecases.projects.town import Town, code
from trustpub.storage import files, projects
from trustpub.storage.projects import serials
from trustpub.storage.retired_names import retired_alike
from trustpub.storage.tables import sessions, users
from trustpub.usecases.browse import Browse
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.search import Search

FILE = "orchay-1.0-py3-none-any.whl"


def test_a_yank_is_seen_by_readers_and_can_be_taken_back(here: Town) -> None:
    """Every file of the release carries it; doing it twice changes nothing more."""
    ann = here.person("ann")
    here.project("orchay", ann)
    here.file("orchay", "1.0", FILE)
    row = here.projects.releases.yank(ann, "orchay", "1.0", "broken")
    assert not isinstance(row, NotDone)
    assert (True, "broken", [(True, "broken")]) == (
        row.yanked,
        row.yanked_reason,
        [(each.yanked, each.yanked_reason) for each in row.files],
    )
    serial = here.standing("orchay").serial
    here.projects.releases.yank(ann, "orchay", "1.0", "broken")
    assert serial == here.standing("orchay").serial
    here.projects.releases.unyank(ann, "orchay", "1.0")
    assert serial < here.standing("orchay").serial
    listing = Browse(here.database).project("orchay")
    assert listing is not None
    assert [False] == [each.yanked for each in listing.files]
    assert ["release:yanked", "release:unyanked"] == [event.kind for event in here.events("orchay")]


def test_what_is_wrong_with_a_withdrawal_is_said(here: Town) -> None:
    """An unknown version or file, a reason of two lines, and a name that was not typed."""
    ann = here.person("ann")
    here.project("orchay", ann)
    here.project("other", ann)
    here.file("orchay", "1.0", FILE)
    releases = here.projects.releases
    assert "not-found" == code(releases.yank(ann, "orchay", "2.0"))
    assert "not-found" == code(releases.yank(ann, "orchay", "no version"))
    assert "invalid-field" == code(releases.yank(ann, "orchay", "1.0", "two\nlines"))
    assert "not-found" == code(releases.delete_file(ann, "other", FILE, "other"))
    assert "not-confirmed" == code(releases.delete_file(ann, "orchay", FILE, ""))
    assert "not-confirmed" == code(releases.delete_release(ann, "orchay", "1.0", "orchay"))


def test_a_deleted_file_keeps_its_name(here: Town) -> None:
    """The row goes, the name stays taken."""
    ann = here.person("ann")
    here.project("orchay", ann)
    here.file("orchay", "1.0", FILE)
    assert "" == code(here.projects.releases.delete_file(ann, "orchay", FILE, "orchay"))
    assert here.see(lambda connection: files.find_file(connection, FILE)) is None
    assert here.see(lambda connection: files.filename_used(connection, FILE))
    here.file("orchay", "2.0", "orchay-2.0-py3-none-any.whl")
    assert "" == code(here.projects.releases.delete_release(ann, "orchay", "2.0", "2.0"))
    assert here.see(lambda connection: files.filename_used(connection, "orchay-2.0-py3-none-any.whl"))


def test_a_search_finds_no_words_of_releases_that_are_gone(here: Town) -> None:
    """A project is found by the newest release that has files and is not yanked; each withdrawal changes that at once."""
    ann, releases, search = here.person("ann"), here.projects.releases, Search(here.database)
    project = here.project("orchay", ann)

    def summary() -> str:
        return "".join(hit.summary for hit in search.find("orchay"))

    def release(version: str, said: str) -> None:
        here.do(lambda connection: files.insert_release(connection, project.id, version, {"summary": said}, here.now))
        here.file("orchay", version, f"orchay-{version}-py3-none-any.whl")

    for version, said in (("1.0", "apples"), ("2.0", "pears"), ("3.0", "plums"), ("4.0", "grapes")):
        release(version, said)
    assert "grapes" == summary()
    releases.delete_release(ann, "orchay", "4.0", "4.0")
    assert ("plums", ()) == (summary(), search.find("grapes"))
    releases.yank(ann, "orchay", "3.0")
    assert "pears" == summary()
    releases.unyank(ann, "orchay", "3.0")
    assert "plums" == summary()
    releases.delete_file(ann, "orchay", "orchay-3.0-py3-none-any.whl", "orchay")
    releases.yank(ann, "orchay", "1.0")
    releases.yank(ann, "orchay", "2.0")
    assert "pears" == summary()
    releases.delete_release(ann, "orchay", "2.0", "2.0")
    releases.delete_release(ann, "orchay", "1.0", "1.0")
    assert "" == summary()


def test_a_deleted_project_is_gone_and_its_name_retired(here: Town) -> None:
    """Everything of it goes, names that look like it are taken too, and an administrator may free the name."""
    ann, root = here.person("ann"), here.person("root", admin=True)
    here.project("orchay", ann)
    here.file("orchay", "1.0", FILE)
    token = here.token(ann, "manage", "orchay")
    index = here.see(serials)[1]
    assert "" == code(here.projects.lifecycle.delete(ann, "orchay", "orchay"))
    assert here.see(lambda connection: projects.find_project(connection, "orchay")) is None
    assert index < here.see(serials)[1]
    assert "invalid-token" == code(here.projects.get(token, "orchay"))
    for name in ("Orchay", "0rchay", "or-chay"):
        assert "orchay" == here.see(lambda connection, name=name: retired_alike(connection, name))  # type: ignore[misc]
    assert "not-admin" == code(here.projects.lifecycle.free_name(ann, "orchay"))
    assert "ORCHAY" == here.projects.lifecycle.free_name(root, "ORCHAY")
    assert here.see(lambda connection: retired_alike(connection, "orchay")) is None
    assert ["project:removed", "project-name:freed"] == [event.kind for event in here.events()]


def test_states_follow_each_other(here: Town) -> None:
    """Archive and back by owners, quarantine and out of it by administrators; the reason is for readers."""
    ann, root = here.person("ann"), here.person("root", admin=True)
    here.project("orchay", ann)
    life = here.projects.lifecycle
    assert "wrong-state" == code(life.unarchive(ann, "orchay"))
    archived = life.archive(ann, "orchay", "use other-thing")
    assert not isinstance(archived, NotDone)
    assert ("archived", "use other-thing") == (archived.state, archived.state_reason)
    assert "wrong-state" == code(life.archive(ann, "orchay"))
    before = here.see(serials)[1]
    assert "" == code(life.quarantine(root, "orchay", "malware"))
    assert before < here.see(serials)[1]
    assert "quarantined" == code(here.projects.switches.trusted_only(ann, "orchay", on=True))
    assert "quarantined" == code(life.delete(ann, "orchay", "orchay"))
    assert "wrong-state" == code(life.unarchive(ann, "orchay"))
    assert "not-admin" == code(life.release(ann, "orchay"))
    released = life.release(root, "orchay")
    assert not isinstance(released, NotDone)
    assert ("active", "") == (released.state, released.state_reason)


def test_an_ended_session_or_a_closed_account_changes_nothing(here: Town) -> None:
    """Both are asked inside the transaction, whatever the request saw before."""
    ann, bob = here.person("ann"), here.person("bob")
    here.project("orchay", ann)
    here.project("other", bob)
    here.do(lambda connection: connection.execute(delete(sessions).where(sessions.c.id == ann.session_id)).rowcount)
    here.do(lambda connection: connection.execute(update(users).where(users.c.name == "bob").values(active=False)).rowcount)
    assert "sign-in-first" == code(here.projects.switches.trusted_only(ann, "orchay", on=True))
    assert "sign-in-first" == code(here.projects.switches.trusted_only(bob, "other", on=True))
    assert not here.events()


def test_a_closed_account_hears_nothing_more_of_its_projects(here: Town) -> None:
    """Its roles stay, for the day when it is opened again; until then what goes on in a private index is nothing for it."""
    ann, bob = here.person("ann"), here.person("bob")
    here.project("orchay", ann, bob)
    here.do(lambda connection: connection.execute(update(users).where(users.c.name == "bob").values(active=False)).rowcount)
    here.projects.switches.trusted_only(ann, "orchay", on=True)
    assert [ann.user.email] == [to for to, _, _ in here.mails()]
