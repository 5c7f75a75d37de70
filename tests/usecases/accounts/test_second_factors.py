"""Turning second factors on and off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyotp import TOTP, parse_uri

from tests.parties.webauthn.soft_key import SoftKey
from tests.usecases.accounts.people import GOOD, HOME, URL, People, began, code
from trustpub.settings import ServerSettings
from trustpub.usecases.accounts import Accounts, Caller
from trustpub.usecases.accounts.second_factors import TotpOffer


def offered(people: People, caller: Caller) -> TotpOffer:
    """A new authenticator's secret."""
    offer = people.accounts.second_factors.begin_totp(caller)
    assert isinstance(offer, TotpOffer), offer
    return offer


def add(people: People, caller: Caller, key: SoftKey, label: str) -> object:
    """Add a security key; what was answered."""
    options = people.accounts.second_factors.begin_key(caller)
    assert isinstance(options, str), options
    return people.accounts.second_factors.add_key(caller, label, key.create(options))


def test_an_authenticator_counts_from_its_first_code(people: People) -> None:
    """Shown once as text, address and picture; a wrong code turns nothing on."""
    people.person()
    caller = people.signed_in()
    offer = offered(people, caller)
    app = parse_uri(offer.uri)
    assert isinstance(app, TOTP)
    assert (offer.secret, "ada", "ours") == (app.secret, app.name, app.issuer)
    assert offer.svg.startswith("<svg ")
    assert "style=" not in offer.svg
    assert offer.secret not in repr(offer)
    assert code(people.accounts.second_factors.confirm_totp(caller, "000000")) == "wrong-code"
    assert not people.accounts.second_factors.listed(caller).totp
    assert people.accounts.second_factors.confirm_totp(caller, app.at(int(people.now))) is None
    assert people.accounts.second_factors.listed(caller).totp
    assert people.events(caller.user)[-1] == "account:totp-added"
    assert code(people.accounts.second_factors.confirm_totp(caller, app.at(int(people.now)))) == "authenticator-over"


def test_the_confirming_code_does_not_sign_in(people: People) -> None:
    """Its step is spent."""
    people.person()
    caller = people.signed_in()
    app = people.authenticator(caller)
    people.now -= 30
    assert code(people.accounts.sign_in.totp(people.caller(people.session()), app.at(int(people.now)))) == "code-used"


def test_an_offer_is_for_its_session_and_its_time(people: People) -> None:
    """Another session cannot confirm it, and nobody after a quarter of an hour."""
    people.person()
    first, second = people.signed_in(), people.signed_in()
    app = TOTP(offered(people, first).secret)
    assert code(people.accounts.second_factors.confirm_totp(second, app.at(int(people.now)))) == "authenticator-over"
    people.now += 900
    assert code(people.accounts.second_factors.confirm_totp(first, app.at(int(people.now)))) == "authenticator-over"


def test_a_new_authenticator_takes_the_old_ones_place(people: People) -> None:
    """The old one stays until then: there is no moment without a second factor."""
    people.person()
    caller = people.signed_in()
    old = people.authenticator(caller)
    new = TOTP(offered(people, caller).secret)
    half = people.caller(people.session())
    assert half.level == "password"
    began(people.accounts.sign_in.totp(half, old.at(int(people.now))))
    assert people.accounts.second_factors.confirm_totp(caller, new.at(int(people.now))) is None
    people.now += 60
    half = people.caller(people.session())
    assert code(people.accounts.sign_in.totp(half, old.at(int(people.now)))) == "wrong-code"
    began(people.accounts.sign_in.totp(half, new.at(int(people.now))))


def test_removing_ends_all_other_sessions(people: People) -> None:
    """And the recovery codes go with the last factor."""
    people.person()
    caller, other = people.signed_in(), people.session()
    people.authenticator(caller)
    assert isinstance(people.accounts.second_factors.new_recovery_codes(caller), tuple)
    assert people.accounts.second_factors.remove_totp(caller) is None
    assert people.accounts.sign_in.caller(other.cookie, HOME) is None
    assert (False, (), 0) == (
        (factors := people.accounts.second_factors.listed(caller)).totp,
        factors.keys,
        factors.recovery_left,
    )
    assert people.session().level == "full"
    assert code(people.accounts.second_factors.remove_totp(caller)) == "not-found"
    assert "authenticator app was removed" in people.mails()[-1].body


def test_the_last_one_stays_where_one_is_asked_for(strict: People) -> None:
    """Whichever it is; with two, one may go."""
    strict.person()
    caller = strict.signed_in()
    strict.authenticator(caller)
    assert code(strict.accounts.second_factors.remove_totp(caller)) == "last-second-factor"
    assert add(strict, caller, SoftKey(URL), "blue") is None
    assert strict.accounts.second_factors.remove_totp(caller) is None
    (key,) = strict.accounts.second_factors.listed(caller).keys
    assert code(strict.accounts.second_factors.remove_key(caller, key.id)) == "last-second-factor"
    assert add(strict, caller, SoftKey(URL, b"two"), "red") is None
    assert strict.accounts.second_factors.remove_key(caller, key.id) is None


def test_several_keys_with_names(people: People) -> None:
    """Each once, by one name each; another person's is not mine to remove."""
    people.person()
    people.person("eve")
    caller, eve = people.signed_in(), people.signed_in("eve")
    assert add(people, caller, SoftKey(URL), "blue") is None
    assert code(add(people, caller, SoftKey(URL), "red")) == "key-known"
    assert code(add(people, caller, SoftKey(URL, b"two"), "blue")) == "label-taken"
    assert code(add(people, eve, SoftKey(URL), "blue")) == "key-known"
    assert code(add(people, caller, SoftKey(URL, b"two"), " ")) == "invalid-label"
    assert add(people, caller, SoftKey(URL, b"two"), "red") is None
    keys = people.accounts.second_factors.listed(caller).keys
    assert ["blue", "red"] == [key.label for key in keys]
    assert code(people.accounts.second_factors.remove_key(eve, keys[0].id)) == "not-found"
    assert people.accounts.second_factors.remove_key(caller, keys[0].id) is None
    assert code(people.accounts.second_factors.remove_key(caller, keys[0].id)) == "not-found"


@pytest.mark.parametrize("origin", ["https://index.example.evil", "http://index.example", "https://index.example:8443", "null"])
def test_keys_are_for_our_pages_alone(people: People, origin: str) -> None:
    """A page elsewhere cannot pass a key's answer on."""
    people.person()
    assert code(add(people, people.signed_in(), SoftKey(origin), "blue")) == "key-refused"


def test_an_authenticators_offer_is_no_challenge(people: People) -> None:
    """What a session owes is one thing, and a key's answer to another is refused."""
    people.person()
    caller = people.signed_in()
    options = people.accounts.second_factors.begin_key(caller)
    assert isinstance(options, str)
    offered(people, caller)
    assert code(people.accounts.second_factors.add_key(caller, "blue", SoftKey(URL).create(options))) == "key-refused"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://index.example", ("https://index.example", "index.example")),
        ("https://index.example:443/pypi", ("https://index.example", "index.example")),
        ("https://index.example:8443", ("https://index.example:8443", "index.example")),
        ("http://127.0.0.1:8080", ("http://localhost:8080", "localhost")),
        ("http://[::1]:8080", ("http://localhost:8080", "localhost")),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_for_which_site_keys_are(people: People, url: str, expected: tuple[str, str] | None) -> None:
    """The exact origin of the index's own address; a bare number cannot have keys, except this machine's."""
    from trustpub.usecases.accounts.parts import Parts

    settings = replace(people.settings, url=url)
    site = Parts.of(people.database, settings, lambda: people.now, people.random).site()
    assert expected == (None if site is None else (site.origin, site.rp_id))


def test_no_keys_without_a_name(people: People) -> None:
    """It is said, and by whom it can be changed."""
    people.person()
    caller = people.signed_in()
    settings = replace(people.settings, url="https://192.0.2.1")
    accounts = Accounts.over(people.database, settings, lambda: people.now, people.random)
    assert code(accounts.second_factors.begin_key(caller)) == "keys-need-a-name"
    assert code(accounts.second_factors.add_key(caller, "blue", "{}")) == "keys-need-a-name"
    assert code(accounts.sign_in.key_options(caller)) == "keys-need-a-name"
    assert code(accounts.sign_in.key(caller, "{}")) == "keys-need-a-name"


def test_links_begin_with_the_settings_address(people: People) -> None:
    """Else with where the server listens; a request has no say in it."""
    from trustpub.usecases.accounts.parts import Parts

    settings = ServerSettings(data=people.settings.data, path="/team")
    parts = Parts.of(people.database, settings, lambda: people.now, people.random, "http://127.0.0.1:4321")
    assert parts.page("/account/", "x") == "http://127.0.0.1:4321/team/account/?token=x"
    assert Parts.of(people.database, settings, lambda: 0.0, people.random).url == "http://127.0.0.1:8080/team"


def test_factors_need_proof(people: People) -> None:
    """Of whoever has not given the password for half an hour; and a verified address."""
    people.person()
    people.person("eve", verified=False)
    caller, eve = people.signed_in(), people.signed_in("eve")
    people.now += 1801
    factors = people.accounts.second_factors
    answers = [
        factors.begin_totp(caller),
        factors.confirm_totp(caller, "000000"),
        factors.remove_totp(caller),
        factors.begin_key(caller),
        factors.add_key(caller, "blue", "{}"),
        factors.remove_key(caller, 1),
        factors.new_recovery_codes(caller),
    ]
    assert {"prove-it-is-you"} == {code(answer) for answer in answers}
    assert code(factors.begin_totp(eve)) == "verify-email-first"
    proven = people.caller(began(people.accounts.passwords.prove(caller, {"password": GOOD})))
    assert code(factors.new_recovery_codes(proven)) == "no-second-factor"
