"""A person gets an account and secures it, in a real browser with a security key."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pyotp
import pytest

from tests.web.pages.people import PASSWORD, Index

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def plug_in_a_key(page: Page) -> None:
    """A virtual security key that touches itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    key["automaticPresenceSimulation"] = True
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})


def send(page: Page, button: str) -> None:
    """Press the button of this name, in the page itself and not in its frame."""
    page.locator("main").get_by_role("button", name=button, exact=True).click()


def test_register_verify_authenticator_key_and_sign_in_with_the_key(index: Index, browser: Browser) -> None:
    """R1 from the first page to a sign-in by security key; nothing is refused by the pages' own policy."""
    home = f"http://localhost:{index.server.port}"
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    plug_in_a_key(page)

    page.goto(f"{home}/account/register/")
    page.get_by_label("User name").fill("hana")
    page.get_by_label("E-mail address").fill("hana@mail.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    send(page, "Make the account")
    page.get_by_text("Welcome!").wait_for()

    page.goto(home + index.link("hana@mail.example"))
    send(page, "Verify the address")
    page.get_by_text("Your e-mail address is verified.").wait_for()

    page.goto(f"{home}/manage/account/two-factor/")
    send(page, "Add an authenticator app")
    page.get_by_text("It cannot be scanned").click()
    secret = page.locator("code.secret").inner_text()
    index.clock.now = time.time()
    page.get_by_label("Code from the app").fill(pyotp.TOTP(secret).at(int(index.clock.now)))
    send(page, "Turn it on")
    page.get_by_text("is your second factor now").wait_for()

    page.get_by_label("Name of the new key").fill("blue key")
    send(page, "Add a security key")
    page.get_by_text("The security key is added.").wait_for()
    page.get_by_role("button", name="Remove blue key").wait_for()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()

    page.goto(f"{home}/account/login/?next=/manage/account/sessions/")
    page.get_by_label("User name or e-mail address").fill("hana")
    page.get_by_label("Password").fill(PASSWORD)
    send(page, "Sign in")
    send(page, "Use a security key")
    page.wait_for_url(re.compile("/manage/account/sessions/"))
    page.get_by_text("this one").wait_for()
    assert [line for line in said if "Content Security Policy" in line] == []
    assert index.log == []
    context.close()


def test_without_scripts_everything_but_keys_works(index: Index, browser: Browser) -> None:
    """A browser with scripts turned off says why there is no key, and takes codes."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{index.address}/account/register/")
    page.get_by_label("User name").fill("mina")
    page.get_by_label("E-mail address").fill("mina@mail.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    send(page, "Make the account")
    page.goto(f"{index.address}/manage/account/two-factor/")
    assert page.get_by_text("Security keys need a browser").is_visible()
    assert page.get_by_role("button", name="Add a security key").count() == 0
    assert page.get_by_role("button", name="Add an authenticator app").is_visible()
    context.close()
