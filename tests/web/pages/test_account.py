"""A person and their account, through whole pages over HTTP, without scripts."""

from __future__ import annotations

import re

from tests.web.pages.people import FACTORS, PASSWORD, Index, add_app, register, settled, verify
from tests.web.visitor import Page, Visitor

PROFILE = "/manage/account/"


def sign_in(index: Index, name: str = "hana", password: str = PASSWORD, then: str = "") -> tuple[Visitor, Page]:
    """A new visitor, after the form of the password."""
    visitor = Visitor(index)
    page = visitor.open(f"/account/login/?next={then}")
    return visitor, visitor.submit(page, "/account/login/", username=name, password=password)


def test_a_person_registers_verifies_and_adds_an_app(index: Index) -> None:
    """R1 on an index of one's own: account, verified address, second factor."""
    visitor, page = register(index)
    assert page.path == f"{PROFILE}?note=welcome"
    assert "Welcome!" in page.text
    page = verify(index, visitor)
    assert page.path == f"{FACTORS}?note=verified"
    assert "asks for a second factor" in page.text
    add_app(index, visitor)
    assert "Make recovery codes" in visitor.open(FACTORS).text


def test_problems_of_a_registration_stand_at_their_fields(index: Index) -> None:
    """Each field says its own problem, keeps what was typed, and no password comes back."""
    visitor = Visitor(index)
    fields = {"username": "-", "email": "nobody", "password": "short", "password_again": "other"}
    page = visitor.submit(visitor.open("/account/register/"), "/account/register/", **fields)
    assert page.status == 422
    by_name = {each.attributes.get("name"): each.attributes for each in page.all("input")}
    for name in ("username", "email", "password"):
        assert by_name[name]["aria-invalid"] == "true"
        assert f"{name}-problem" in by_name[name]["aria-describedby"].split()
        assert any(each.attributes.get("id") == f"{name}-problem" for each in page.elements)
    assert by_name["username"]["value"] == "-"
    assert "value" not in by_name["password"]
    assert "short" not in page.answer.body.decode().replace("password-too-short", "")


def test_the_second_step_is_asked_for(index: Index) -> None:
    """After the password comes the code; before it, the account's pages lead there."""
    owner, _ = register(index)
    verify(index, owner)
    app = add_app(index, owner)
    index.clock.now += 60
    visitor, page = sign_in(index, then="/manage/account/log/")
    assert page.path.startswith("/account/two-factor/")
    assert visitor.open(PROFILE).path.startswith("/account/two-factor/")
    wrong = visitor.submit(page, "/account/two-factor/", code="000000")
    assert wrong.status == 401
    page = visitor.submit(wrong, "/account/two-factor/", code=app.at(int(index.clock.now)))
    assert page.path == "/manage/account/log/"


def test_the_cookie_changes_with_every_step(index: Index) -> None:
    """A cookie that somebody planted, or read before the second step, is worth nothing after it."""
    owner, _ = register(index)
    verify(index, owner)
    app = add_app(index, owner)
    index.clock.now += 60
    visitor = Visitor(index)
    visitor.cookies["trustpub"] = "planted"
    visitor.submit(visitor.open("/account/login/"), "/account/login/", username="hana", password=PASSWORD)
    first = visitor.cookies["trustpub"]
    visitor.submit(visitor.open("/account/two-factor/"), "/account/two-factor/", code=app.at(int(index.clock.now)))
    assert len({"planted", first, visitor.cookies["trustpub"]}) == 3
    visitor.cookies["trustpub"] = first
    assert visitor.open(PROFILE).path.startswith("/account/login/")


def test_recovery_codes_are_shown_once_and_stand_in(index: Index) -> None:
    """Eight codes, on a page that nobody keeps; each is a second step, once."""
    owner = settled(index)
    page = owner.submit(owner.open(FACTORS), "/manage/account/recovery-codes/")
    assert page.answer.headers["cache-control"] == "no-store"
    assert page.answer.headers["referrer-policy"] == "no-referrer"
    codes = re.findall(r"<li><code>([^<]+)</code></li>", page.answer.body.decode())
    assert len(codes) == 8
    visitor, second = sign_in(index)
    page = visitor.submit(second, "/account/two-factor/recovery-code/", recovery_code=codes[0])
    assert page.status != 401
    visitor, second = sign_in(index)
    page = visitor.submit(second, "/account/two-factor/recovery-code/", recovery_code=codes[0])
    assert page.status == 401


def test_what_was_filled_in_by_a_link_survives_the_sign_in(index: Index) -> None:
    """A link with prefilled fields, opened by somebody who has to sign in first, arrives whole."""
    register(index)
    visitor = Visitor(index)
    page = visitor.open("/manage/account/publishing/?provider=github&owner=octo&note=saved")
    page = visitor.submit(page, "/account/login/", username="hana", password=PASSWORD)
    assert page.path == "/manage/account/publishing/?provider=github&owner=octo"


def test_signing_out_ends_the_session_everywhere(index: Index) -> None:
    """The cookie is forgotten by the browser, and worth nothing to whoever kept a copy."""
    visitor, _ = register(index)
    kept = dict(visitor.cookies)
    visitor.post("/account/logout/", {})
    assert "trustpub" not in visitor.cookies
    visitor.cookies = kept
    assert visitor.open(PROFILE).path.startswith("/account/login/")


def test_a_forgotten_password_is_answered_alike_for_everybody(index: Index) -> None:
    """No page tells strangers whether an address has an account."""
    register(index)
    visitor = Visitor(index)
    pages = [
        visitor.submit(visitor.open("/account/request-password-reset/"), "/account/request-password-reset/", email=email)
        for email in ("hana@mail.example", "nobody@mail.example")
    ]
    assert pages[0].answer.body == pages[1].answer.body


def test_the_address_of_a_secret_page_reaches_no_other_page(index: Index) -> None:
    """A page whose address is a key says so to the browser."""
    register(index)
    page = Visitor(index).open(index.link("hana@mail.example"))
    assert page.answer.headers["referrer-policy"] == "no-referrer"
    assert page.answer.headers["cache-control"] == "no-store"


def test_the_language_follows_the_browser_and_the_switch(index: Index) -> None:
    """Accept-Language first, then what was chosen; the html element says which."""
    visitor = Visitor(index, **{"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"})
    page = visitor.open("/account/login/")
    assert page.all("html")[0].attributes["lang"] == "ko"
    assert page.all("h1")
    assert "로그인" in page.text
    page = visitor.post("/account/language/", {"language": "en", "next": "/account/login/?next=/search/"})
    assert page.path == "/account/login/?next=/search/"
    assert page.all("html")[0].attributes["lang"] == "en"
