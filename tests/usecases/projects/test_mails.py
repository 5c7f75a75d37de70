"""Mails about projects and publishers go to everybody in their own language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.usecases.projects.town import Town, town
from trustpub.storage import accounts
from trustpub.usecases.accounts.caller import Caller
from trustpub.usecases.not_done import NotDone

FORM = {"provider": "github", "owner": "octo", "owner_id": "1", "repository": "r", "workflow_filename": "w.yml"}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """An index."""
    with town(tmp_path) as ready:
        yield ready


def korean(here: Town, name: str, **more: bool) -> Caller:
    """Somebody who reads Korean."""
    who = here.person(name, **more)
    here.do(lambda connection: accounts.set_profile(connection, who.user.id, "", "ko"))
    return who


def mailed(here: Town, what: object) -> dict[str, tuple[str, str]]:
    """The newest mail of everybody: subject and text by address."""
    assert not isinstance(what, NotDone), what
    return {to: (subject, body) for to, subject, body in here.mails()}


def test_everybody_reads_their_own_language(here: Town) -> None:
    """One change, one mail each: of a publisher, a role, a release, a state and a switch."""
    ann, bora = here.person("ann"), korean(here, "bora")
    here.project("orchay", ann, bora)
    added = mailed(here, here.publishing.add(ann, "orchay", FORM))
    assert "A publisher was added to orchay" == added["ann@example.org"][0]
    assert "orchay 프로젝트에 게시자가 추가되었습니다" == added["bora@example.org"][0]
    assert "워크플로 파일: w.yml" in added["bora@example.org"][1]
    roles = mailed(here, here.projects.people.change_role(ann, "orchay", "bora", "owner"))
    assert ("bora is now owner of orchay", "bora 님이 orchay의 소유자가 되었습니다") == tuple(
        roles[each][0] for each in ("ann@example.org", "bora@example.org")
    )
    here.file("orchay", "1.0", "orchay-1.0-py3-none-any.whl")
    yanked = mailed(here, here.projects.releases.yank(ann, "orchay", "1.0", "broken"))
    assert "  이유: broken\n" in yanked["bora@example.org"][1]
    archived = mailed(here, here.projects.lifecycle.archive(ann, "orchay"))
    assert "이전 상태: 활성." in archived["bora@example.org"][1]
    switched = mailed(here, here.projects.switches.trusted_only(ann, "orchay", on=True))
    assert "신뢰된 게시만" in switched["bora@example.org"][0]
    given = mailed(here, here.projects.people.transfer(ann, "orchay", "bora", "orchay"))
    assert ("orchay belongs to bora now", "orchay 프로젝트의 소유자가 되었습니다") == tuple(
        given[each][0] for each in ("ann@example.org", "bora@example.org")
    )
    assert re.search("  게시자: .*octo/r", given["bora@example.org"][1])
    deleted = mailed(here, here.projects.lifecycle.delete(bora, "orchay", "orchay"))
    assert "orchay 프로젝트가 삭제되었습니다" == deleted["bora@example.org"][0]


def test_an_invitation_is_in_the_language_of_its_reader_else_of_who_invites(here: Town) -> None:
    """By name and by address the account's own; an address without an account reads what the inviter does."""
    ann, bora = here.person("ann"), korean(here, "bora")
    here.person("carl")
    here.project("orchay", ann)
    here.project("bari", bora)
    people = here.projects.people
    for project, owner, who, language in [
        ("orchay", ann, "bora", "ko"),
        ("orchay", ann, "someone@example.org", "en"),
        ("bari", bora, "carl", "en"),
        ("bari", bora, "CARL@example.org", "en"),
        ("bari", bora, "someone@example.org", "ko"),
    ]:
        assert not isinstance(people.invite(owner, project, who, "maintainer"), NotDone)
        _, subject, body = here.mails()[-1]
        assert (who, "초대" in subject) == (who, language == "ko")
        assert body.count("https://") == body.count("https://index.example/invitations/?token=") == 1


def test_who_waits_is_told_when_somebody_else_takes_it_back(here: Town) -> None:
    """A pending publisher that its own registrant removes is no news."""
    bora, root = korean(here, "bora"), here.person("root", admin=True)
    for by, subjects in ((bora, 0), (root, 1)):
        row = here.publishing.add_pending(bora, {**FORM, "project_name": "orchay"})
        assert not isinstance(row, NotDone)
        here.publishing.remove(by, row.id)
        assert subjects == len([subject for _, subject, _ in here.mails() if "대기 중인 게시자가 제거" in subject])
