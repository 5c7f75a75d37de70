"""Projects as their people manage them through pages: people, releases, settings, history; and administrators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.pages.people import settled
from tests.web.pages.releasing import ACCOUNT, GITHUB, Releasing
from tests.web.pages.sound import unsound
from tests.web.visitor import Page, Visitor

BASE = "/manage/project/orchay/"
PEOPLE, SETTINGS, RELEASES, HISTORY = f"{BASE}collaboration/", f"{BASE}settings/", f"{BASE}releases/", f"{BASE}history/"
RELEASE = f"{BASE}release/1.0/"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Releasing]:
    """A running index to which workflows publish."""
    with Releasing(tmp_path) as running:
        yield running
        assert running.log == []


@pytest.fixture
def hana(index: Releasing) -> Visitor:
    """The owner of `orchay`, which has two releases."""
    visitor = settled(index)
    visitor.submit(visitor.open(ACCOUNT), ACCOUNT, **{**GITHUB, "project_name": "orchay"})
    assert [200, 200] == [index.release("orchay", version).status for version in ("1.0", "2.0")]
    return visitor


def said(page: Page, words: str) -> Page:
    """The page, which is sound, and says this."""
    assert unsound(page) == []
    assert words in page.text, page.text
    return page


def test_people_come_and_go(index: Releasing, hana: Visitor) -> None:
    """Invited, accepted by the list or by the mailed link, promoted, the project given away, left."""
    mina, dana = settled(index, "mina"), settled(index, "dana")
    page = said(hana.submit(hana.open(PEOPLE), PEOPLE, who="mina", role="maintainer"), "mina maintainer")
    said(mina.submit(mina.open("/manage/projects/"), "/manage/projects/accept/"), "The role is yours now.")
    assert (mina.open(RELEASES).status, said(mina.open(SETTINGS), "This is for owners").status) == (200, 403)
    assert mina.post(f"{SETTINGS}archive/", {}).status == 403
    page = said(hana.submit(hana.open(PEOPLE), PEOPLE, who="dana@mail.example", role="maintainer"), "dana@mail.example")
    found = re.search(r"/invitations/\?token=\S+", index.mail("dana@mail.example"))
    assert found is not None
    invitation = found.group()
    asked = said(dana.open(invitation), "invites you to orchay as maintainer")
    headers = asked.answer.headers
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    said(dana.submit(asked, "/invitations/", accept="on"), "The role is yours now.")
    secret = invitation.partition("=")[2]
    assert [secret in line.path for line in index.records] == [False] * len(index.records)
    page = hana.open(PEOPLE)
    change = {"user": "mina", "role": "owner"}
    said(hana.post(f"{PEOPLE}change/", change), "mina owner")
    said(hana.post(f"{PEOPLE}remove/", {"user": "dana"}), "They have no role in this project any more.")
    wrong = hana.post(f"{SETTINGS}transfer/", {"user": "mina", "confirm": "no"})
    assert (wrong.status, unsound(wrong)) == (422, [])
    said(hana.post(f"{SETTINGS}transfer/", {"user": "mina", "confirm": "orchay"}), "The project is transferred.")
    assert hana.open(RELEASES).status == 403
    assert "owner" in mina.open("/manage/projects/").text
    assert page.status == 200


def test_releases_are_yanked_and_deleted(index: Releasing, hana: Visitor) -> None:
    """With a reason that everybody reads; deleted only when the name was typed."""
    said(hana.open(RELEASES), "1.0 files: 1")
    said(hana.submit(hana.open(RELEASE), f"{RELEASE}yank/", reason="wrong <b>"), "The release is yanked.")
    said(Visitor(index).open("/project/orchay/1.0/"), "Reason: wrong <b>")
    said(hana.submit(hana.open(RELEASE), f"{RELEASE}unyank/"), "The release can be chosen again.")
    wrong = said(hana.submit(hana.open(RELEASE), f"{RELEASE}delete/", confirm="2.0"), "That did not work yet.")
    assert wrong.status == 422
    said(hana.submit(wrong, f"{RELEASE}delete/", confirm="1.0"), "The release is deleted.")
    assert hana.open(RELEASE).status == 404
    other = f"{BASE}release/2.0/"
    file = hana.submit(hana.open(other), f"{other}delete-file/", confirm="")
    assert (file.status, unsound(file)) == (422, [])
    said(hana.submit(file, f"{other}delete-file/", confirm="orchay"), "The file is deleted.")
    said(hana.open(HISTORY), "File deleted")
    assert said(Visitor(index).open("/project/orchay/"), "No file has been uploaded yet.").status == 200


def test_settings_close_a_project_step_by_step(index: Releasing, hana: Visitor) -> None:
    """Trusted publishing only, the archive and back, and the end."""
    said(hana.post(f"{SETTINGS}trusted-only/", {"on": "on"}), "Saved.")
    assert "trusted publishing only" in hana.open("/manage/projects/").text
    said(hana.submit(hana.open(SETTINGS), f"{SETTINGS}archive/", reason="enough hay"), "The project is archived.")
    said(Visitor(index).open("/project/orchay/"), "Reason: enough hay")
    said(hana.submit(hana.open(SETTINGS), f"{SETTINGS}unarchive/"), "The project takes files again.")
    assert hana.submit(hana.open(SETTINGS), f"{SETTINGS}delete/", confirm="orchard").status == 422
    said(hana.submit(hana.open(SETTINGS), f"{SETTINGS}delete/", confirm="orchay"), "The project is deleted.")
    assert Visitor(index).open("/project/orchay/").status == 404


def test_what_is_wrong_in_one_form_of_the_settings_leaves_the_others_as_they_are(index: Releasing, hana: Visitor) -> None:
    """Neither its problem nor its values stand in another form, and the switch shows what is."""
    said(hana.post(f"{SETTINGS}trusted-only/", {"on": "on"}), "Saved.")
    wrong = hana.post(f"{SETTINGS}delete/", {"confirm": "orchard"})
    page = wrong.answer.body.decode()
    assert page.count('value="orchard"') == 1
    assert 'id="on" name="on" type="checkbox" value="on" checked' in page


def test_a_form_that_is_sent_after_the_session_ended_leads_back_to_its_page(index: Releasing, hana: Visitor) -> None:
    """By way of the sign-in, which says that nothing was changed."""
    hana.cookies.clear()
    page = hana.post(f"{SETTINGS}trusted-only/", {"on": "on"})
    said(page, "Your session is over, so nothing was changed.")
    assert f"next={SETTINGS.replace('/', '%2F')}&" in page.path


def test_administrators_put_a_project_into_quarantine(index: Releasing, hana: Visitor) -> None:
    """Its files are hidden, its owner can change nothing, and both can read why."""
    assert hana.open("/admin/projects/").status == 404
    boss = settled(index, "boss")
    index.make_admin("boss")
    said(boss.open("/admin/projects/?name=ORCH"), "orchay")
    said(boss.open("/admin/projects/?name=nothing"), "No project was found")
    page = boss.submit(boss.open("/admin/projects/orchay/"), "/admin/projects/orchay/quarantine/", reason="a stolen <i>token</i>")
    said(page, "a stolen <i>token</i>")
    shown = said(Visitor(index).open("/project/orchay/"), "Reason: a stolen <i>token</i>")
    assert ".whl" not in shown.text
    assert hana.post(f"{SETTINGS}archive/", {}).status == 409
    said(boss.submit(boss.open("/admin/projects/orchay/"), "/admin/projects/orchay/release/"), "The quarantine is over.")
    assert ".whl" in Visitor(index).open("/project/orchay/").text


def test_nobody_else_manages_a_project(index: Releasing, hana: Visitor) -> None:
    """Not by opening a page, and not by sending its form."""
    mina = settled(index, "mina")
    before = index.rows()
    for path in (PEOPLE, SETTINGS, RELEASES, HISTORY, RELEASE):
        assert (path, mina.open(path).status) == (path, 403)
    for path in (PEOPLE, f"{PEOPLE}remove/", f"{PEOPLE}leave/", f"{SETTINGS}delete/", f"{RELEASE}yank/", f"{RELEASE}delete/"):
        sent = mina.post(path, {"confirm": "orchay", "user": "hana", "who": "mina", "role": "owner"})
        assert (path, sent.status) == (path, 403)
    assert before == index.rows()
    assert hana.open(PEOPLE).status == 200


def test_settings_of_a_quarantined_project_are_no_forms(index: Releasing, hana: Visitor) -> None:
    """Its owner is told whom to ask; whoever runs the index still sees them."""
    dana = settled(index, "dana")
    index.make_admin("dana")
    said(dana.post("/admin/projects/orchay/quarantine/", {"reason": "a look"}), "in quarantine")
    page = said(hana.open(SETTINGS), "only whoever runs this index can change it")
    assert [] == [form for form in page.forms if "/settings/" in form.action]
    assert [] != [form for form in dana.open(SETTINGS).forms if "/settings/" in form.action]
