"""The page of security names tests and files that are there, and the numbers that the code has."""

from __future__ import annotations

import re

import pytest

from tests.docs.markdown import ROOT, page
from trustpub.domain import issuers, tokens
from trustpub.parties.issuer import jws
from trustpub.usecases import passwords, read_exchange
from trustpub.usecases.accounts import caller, codes, new_sessions, registration, tries
from trustpub.usecases.accounts import passwords as forgotten
from trustpub.web.auth.headers import CONTENT_SECURITY_POLICY

COST = passwords.Cost()
FIRST, SECOND, THIRD = tries.SECOND
NUMBERS = [
    f"{COST.passes} passes, {COST.memory // 1024} MiB, {COST.lanes} lane, salt of {passwords.SALT_BYTES} bytes",
    f"{passwords.SHORTEST} to {passwords.LONGEST} characters",
    f"after {caller.IDLE // 3600} hours without use, at the latest after {caller.LONGEST // 86_400} days",
    f"second factor after {new_sessions.HALF_WAY // 60} minutes",
    f"for {caller.PROVEN_FOR // 60} minutes",
    (
        f"{registration.VERIFY_FOR // 3600} hours (address), {forgotten.RESET_FOR // 3600} hour (new password), "
        f"{registration.JOIN_FOR // 86_400} days (invitation)"
    ),
    f"{codes.DIGITS} digits, {codes.STEP} seconds",
    f"| recovery codes | {codes.RECOVERY_CODES} |",
    f"a recovery code {codes.RECOVERY_BYTES * 8}",
    (
        f"{tries.ACCOUNT.most} in {tries.ACCOUNT.window // 60} minutes for an account, "
        f"{tries.NETWORK.most} in {tries.NETWORK.window // 60} minutes for a network"
    ),
    f"{FIRST.most} in {FIRST.window // 60} minutes, {SECOND.most} in an hour, {THIRD.most} in a day",
    f"| registrations | {tries.REGISTERING.most} in an hour",
    f"| forgotten passwords | {tries.FORGETTING.most} in an hour",
    f"{tries.MAILING.most} in a day from one network, {tries.MAILING_ALL.most} in {tries.MAILING_ALL.window // 3600} hours",
    f"| upload token | {tokens.LIFETIME // 60} minutes",
    f"| read token | {read_exchange.LIFETIME // 60} minutes",
    f"{jws.LONGEST_TOKEN // 1024} KiB at most",
    f"{issuers.LEEWAY} seconds of leeway",
    f"the leeway and {issuers.REPLAY_MARGIN} seconds more",
    f"in the last {tries.KNOWN_FOR // 86_400} days",
    CONTENT_SECURITY_POLICY,
]


@pytest.mark.parametrize("words", NUMBERS)
def test_numbers_are_the_codes(words: str) -> None:
    """Each limit is told as it is."""
    assert words in page("security.md").text


def test_what_refuses_an_attack_is_there() -> None:
    """Every file and every test that the table of attacks names."""
    section = page("security.md").text.partition("\n## Attacks\n")[2].partition("\n## ")[0]
    named = re.findall(r"`((?:tests|parties|web|usecases|domain|main)/[\w/.]+)`", section)
    places = [ROOT / name if name.startswith("tests/") else ROOT / "src" / "trustpub" / name for name in named]

    assert len(places) > 30
    assert [] == [path for path in places if not path.exists()]
