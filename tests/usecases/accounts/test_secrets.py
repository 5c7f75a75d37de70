"""No secret stays anywhere but where it must: a whole life of an account, and then every table is read."""

from __future__ import annotations

from pyotp import TOTP

from tests.parties.webauthn.soft_key import SoftKey
from tests.usecases.accounts.people import BETTER, GOOD, HOME, URL, People, began
from trustpub.storage.tables import metadata
from trustpub.usecases.accounts.api_tokens import NewToken
from trustpub.usecases.accounts.second_factors import TotpOffer


def test_no_secret_is_kept(people: People) -> None:
    """Passwords, cookies, codes, tokens and links: not in a table, an event or a representation.

    Links are in the mails that carry them, and the authenticator's seed is in its own table: nowhere else.
    """
    accounts = people.accounts
    shown: list[object] = []
    session = began(accounts.registration.register(people.form(), HOME, "a browser"))
    links = [people.token()]
    accounts.registration.verify(links[0])
    caller = people.caller(session)
    offer = accounts.second_factors.begin_totp(caller)
    assert isinstance(offer, TotpOffer)
    app = TOTP(offer.secret)
    accounts.second_factors.confirm_totp(caller, app.at(int(people.now)))
    codes = accounts.second_factors.new_recovery_codes(caller)
    assert isinstance(codes, tuple)
    options = accounts.second_factors.begin_key(caller)
    assert isinstance(options, str)
    accounts.second_factors.add_key(caller, "blue", SoftKey(URL).create(options))
    token = accounts.api_tokens.create(caller, {"description": "ci", "scope": "upload"})
    assert isinstance(token, NewToken)
    accounts.passwords.forgot("ada@example.org", HOME)
    links.append(people.token())
    accounts.passwords.reset(links[1], {"password": BETTER, "password_again": BETTER})
    half = people.session(password=BETTER)
    full = began(accounts.sign_in.recovery_code(people.caller(half), codes[0]))
    proven = began(accounts.passwords.prove(people.caller(full), {"password": BETTER}))
    shown += [session, half, full, proven, offer, token, people.caller(proven), *people.mails(), *people.log(), accounts]
    secrets = [GOOD, BETTER, token.text, *codes, *(code.replace("-", "") for code in codes), *links]
    secrets += [each.cookie for each in (session, half, full, proven)]
    secrets.append(app.secret)
    held = {table.name: str(people.see(lambda c, t=table: c.execute(t.select()).all())) for table in metadata.sorted_tables}  # type: ignore[misc]
    found = {(name, secret) for name, rows in held.items() for secret in secrets if secret in rows}
    assert {("mails", link) for link in links} | {("totp", app.secret)} == found
    assert [] == [secret for secret in secrets if secret in repr(shown)]
