"""What is good once is good once over both processes, also when it comes to both at the same moment."""

from __future__ import annotations

import html
import re
import time
from collections import Counter
from collections.abc import Callable

import pyotp
import pytest
from sqlalchemy import delete

from tests.conftest import Scale
from tests.distributions import wheel_of
from tests.domain.samples import github
from tests.journeys.two_processes.pair import ORIGIN, Pair, Send, at_once, sending
from tests.negative.furnished import PROJECT, RECOVERY, SECRETS, SEED
from tests.negative.who_may import NEW as PUBLISHER
from tests.parties.webauthn.soft_key import SoftKey
from tests.web.forms import CLIENTS, form, headers
from tests.web.site import Answer
from trustpub.domain.claims import JSON
from trustpub.domain.tokens import digest
from trustpub.storage import links, publishers
from trustpub.storage.database import Connection
from trustpub.storage.tables import throttles
from trustpub.usecases.publishing.waiting import MOST_PENDING

pytestmark = pytest.mark.pg

MANY = 8
PASSWORDS = {"password": "a lantern over wet gravel", "password_again": "a lantern over wet gravel"}


def won(pair: Pair, sends: list[Send], status: int = 303) -> Counter[bool]:
    """How many of these succeeded and how many did not, when all came at the same moment, half at each process."""
    answers = at_once(pair.sides, sends)
    assert not [answer for answer in answers if answer.status >= 500]
    asked_to_sign_in = [answer.headers.get("location", "").startswith("/account/login/?next=") for answer in answers]
    return Counter(answer.status == status and not nobody for answer, nobody in zip(answers, asked_to_sign_in, strict=True))


def forget_tries(pair: Pair) -> None:
    """Nobody has tried anything."""
    pair.write(lambda connection: connection.execute(delete(throttles)).rowcount)


def test_a_code_of_an_app(pair: Pair) -> None:
    """Used at one it is refused at the other; at both at once one sign-in succeeds."""
    first, second, *others = pair.half_way("ann", 6)
    code = pyotp.TOTP(SEED).now()
    assert 303 == pair.one.send("/account/two-factor/", first, code=code).status
    assert 401 == pair.other.send("/account/two-factor/", second, code=code).status
    forget_tries(pair)
    pair.write(lambda connection: connection.exec_driver_sql("UPDATE totp SET last_step = 0").rowcount)
    sends = [sending("/account/two-factor/", half, code=code) for half in others]
    assert {True: 1, False: 3} == won(pair, sends)


def test_one_session_is_raised_once(pair: Pair) -> None:
    """Even by two good codes at once: the session gets one new cookie."""
    [half] = pair.half_way("ann", 1)
    app, now = pyotp.TOTP(SEED), time.time()
    codes = [app.at(int(now) - 30), app.at(int(now)), app.at(int(now) + 30)]
    sends = [sending("/account/two-factor/", half, code=code) for code in codes]
    assert {True: 1, False: 2} == won(pair, sends)


def test_a_recovery_code(pair: Pair) -> None:
    """At both at once one sign-in succeeds; afterwards none, at either."""
    last, *halves = pair.half_way("ann", 5)
    path, told = "/account/two-factor/recovery-code/", {"recovery_code": RECOVERY}
    sends = [sending(path, half, **told) for half in halves]
    assert {True: 1, False: 3} == won(pair, sends)
    forget_tries(pair)
    assert [401, 401] == [side.send(path, last, **told).status for side in pair.sides]


def test_an_answer_of_a_security_key(pair: Pair) -> None:
    """The challenge of one process is answered at both at once: one sign-in. A count that a key has given is not given again."""
    key, path = SoftKey(ORIGIN), "/account/two-factor/key/"
    registered = pair.one.send("/manage/account/two-factor/key/", pair.cookies["amy"], label="red")
    made = key.create(asked(registered))
    assert 303 == pair.other.send("/manage/account/two-factor/key/", pair.cookies["amy"], label="red", answer=made).status
    first, second, third = pair.half_way("amy", 3)
    answer = key.sign(asked(pair.one.send(path, first)))
    assert {True: 1, False: 3} == won(pair, [sending(path, first, answer=answer)] * 4)
    forget_tries(pair)
    options = [asked(side.send(path, half)) for side, half in zip(pair.sides, (second, third), strict=True)]
    key.count, copied = 7, []
    for each in options:
        copied.append(key.sign(each))
        key.count = 7
    sends = [sending(path, half, answer=answer) for half, answer in zip((second, third), copied, strict=True)]
    assert {True: 1, False: 1} == won(pair, sends)


def asked(page: Answer) -> str:
    """What a page asks a security key."""
    found = re.search(r'data-options="([^"]*)"', page.body.decode())
    assert found is not None, page.body
    return html.unescape(found.group(1))


LINKS: dict[str, Callable[[Pair], Send]] = {
    "verify": lambda _: sending("/account/verify-email/", token=SECRETS["verify"]),
    "reset": lambda _: sending("/account/reset-password/", token=SECRETS["reset"], **PASSWORDS),
    "role": lambda pair: sending("/invitations/", pair.cookies["eve"], token=SECRETS["role"]),
}


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_of_a_mail(pair: Pair, kind: str) -> None:
    """One of all who follow it at once gets what it is for, and nobody afterwards."""
    send = LINKS[kind](pair)
    assert {True: 1, False: 3} == won(pair, [send] * 4)
    assert [False, False] == [send(side).status == 303 for side in pair.sides]


def test_an_invitation_makes_one_account(pair: Pair) -> None:
    """Followed by several at once under several names; and a name that several want at once is one person's."""
    now = time.time()

    def invite(connection: Connection) -> None:
        for number, email in enumerate(("one@mail.example", "two@mail.example", "three@mail.example")):
            links.add_link(connection, digest(SECRETS["join"] + str(number)), "join", email, now, int(now) + 900)

    pair.write(invite)

    def joining(name: str, link: int, email: str) -> Send:
        told = {"username": name, "full_name": "", "email": f"{email}@mail.example", "token": SECRETS["join"] + str(link)}
        return sending("/account/register/", **told, **PASSWORDS)

    assert {True: 1, False: 2} == won(pair, [joining(name, 0, "one") for name in ("new-a", "new-b", "new-c")])
    assert {True: 1, False: 1} == won(pair, [joining("new-d", 1, "two"), joining("new-d", 2, "three")])


def test_an_id_token(pair: Pair, scale: Scale) -> None:
    """Spent at both at once: one upload token, however many ask."""
    for _ in range(scale(10, 500)):
        assert {True: 1, False: MANY - 1} == won(pair, [minting(pair.id_token())] * MANY, 200)


def minting(id_token: str) -> Send:
    """A request for an upload token."""
    return lambda side: side.program("POST", "/_/oidc/mint-token", body={"token": id_token})


def test_a_name_of_a_file(pair: Pair, scale: Scale) -> None:
    """Other bytes under the same name, at both at once: one is stored, and everybody else is told."""
    for number in range(scale(3, 100)):
        version = f"3.{number}"
        made = [wheel_of(PROJECT, version, {f"{PROJECT}/more.py": bytes([65 + each])}) for each in range(4)]
        sends = [uploading(pair, version, *each) for each in made]
        assert {True: 1, False: 3} == won(pair, sends, 200)
        [[stored]] = pair.rows(f"SELECT count(*) FROM files WHERE filename = '{made[0][0]}'")
        assert stored == 1


def uploading(pair: Pair, version: str, filename: str, content: bytes) -> Send:
    """An upload of this file by an owner."""
    body = form(filename, content, CLIENTS["uv"], version).replace(b"tiny_demo.pkg", PROJECT.encode())
    return lambda side: side.ask("POST", "/legacy/", headers(pair.tokens["ann upload"]), body)


def test_a_quota_of_an_account(pair: Pair) -> None:
    """So many pending publishers, wherever they are registered: two are left, and six come at once."""
    mine, now = pair.ids["bob"], time.time()

    def fill(connection: Connection) -> None:
        for number in range(MOST_PENDING - 2):
            made = publishers.add_pending(connection, github(repository_name=f"r{number}"), f"waits-{number}", mine, now)
            assert made is not None

    pair.write(fill)
    assert {True: 2, False: 4} == won(pair, [registering(pair, number) for number in range(6)], 201)
    [[waiting]] = pair.rows(f"SELECT count(*) FROM pending_publishers WHERE user_id = {mine}")
    assert MOST_PENDING == waiting


def registering(pair: Pair, number: int) -> Send:
    """A pending publisher for a project of this number."""
    row = {**PUBLISHER, "repository_name": f"late{number}"}
    body: JSON = {"project": f"late-{number}", "provider": "github", "pending": True, "publisher": row}
    return lambda side: side.program("POST", "/api/v1/publishers", pair.tokens["bob manage"], body)
