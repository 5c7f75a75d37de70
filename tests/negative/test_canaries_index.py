"""Planted secrets of people and of the operator: every page and route, right and wrong, and when parts of the index break."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests import postgresql
from tests.negative.furnished import PASSWORD, RECOVERY, SECRETS, SEED
from tests.negative.place import Place
from tests.negative.test_roles import request
from tests.negative.who_may import EXCHANGES, TABLE, Row
from tests.stores import LARGE, SMALL
from tests.web.site import Answer
from trustpub.cli import run
from trustpub.errors import TrustpubError
from trustpub.parties.mail.port import Letter
from trustpub.parties.mail.smtp import SmtpPost, server_of
from trustpub.settings import Mail, ServerSettings
from trustpub.storage.database import Database
from trustpub.storage.store import store_of

OWN_PAGES = ("/account/reset-password/", "/account/verify-email/", "/account/register/", "/invitations/")
"""Pages whose form holds the secret of the link that led to them."""


@pytest.fixture(scope="module", params=[SMALL, pytest.param(LARGE, marks=pytest.mark.pg)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One index of each size that logs every request; what is changed is put back."""
    with contextlib.ExitStack() as opened:
        server = request.getfixturevalue("pg_server") if request.param == LARGE else None
        url = None if server is None else opened.enter_context(postgresql.database(server))
        yield opened.enter_context(Place(tmp_path_factory.mktemp("canaries"), url, log_requests=True))


def _segment(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


ID_TOKEN = ".".join(
    (
        _segment({"alg": "RS256", "kid": "canary-kid", "typ": "JWT"}),
        _segment({"iss": "https://token.nobody.example", "jti": "canary-jti", "aud": "trustpub", "exp": 4_000_000_000, "iat": 1}),
        "c2lnbmF0dXJl",
    )
)
"""Of an issuer that this index does not know."""


def secrets(place: Place) -> dict[str, str]:
    """Everything that only one person, or one program, knows."""
    people = {"password": PASSWORD, "TOTP seed": SEED, "recovery code": RECOVERY, "no password": "canary-never-a-password"}
    links = {f"link {kind}": text for kind, text in SECRETS.items()}
    cookies = {f"cookie of {role}": text for role, text in place.cookies.items()}
    return {**people, **links, **cookies, **place.tokens, "ID token": ID_TOKEN, "its jti": "canary-jti"}


def spellings(secret: str) -> set[str]:
    """A secret as it may be written down."""
    encoded = base64.b64encode(f"__token__:{secret}".encode()).decode()
    return {secret, quote(secret), secret.replace(" ", "+"), json.dumps(secret)[1:-1], encoded}


def told(place: Place, heard: str) -> list[str]:
    """The names of the secrets that are in a text."""
    return [name for name, secret in secrets(place).items() if any(each in heard for each in spellings(secret))]


def everything(place: Place, row: Row) -> Iterator[Answer]:
    """A row's request as it should be, with secrets where they do not belong, and broken."""
    works = row.by or next(
        (who for who in ("ann", "ann manage", "root", "root manage", "uma", "eve") if who in row.who), "nobody"
    )
    for who in (works, "nobody"):
        yield request(place, row, who)
    body = row.sent(place)[1] or b""
    yield place.ask(
        row.method, row.address(place), {"Authorization": f"Bearer {place.tokens['ann manage']}"}, body[: len(body) // 2]
    )
    if row in EXCHANGES:
        for token in (ID_TOKEN, place.tokens["publisher"], place.tokens["ann manage"], place.tokens["reader"]):
            yield place.ask("POST", row.path, {}, json.dumps({"token": token}).encode())
    wrong = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
    yield place.ask(row.method, row.address(place), {"Authorization": f"Basic {wrong}"}, body)
    yield place.ask(row.method, row.address(place), {"Cookie": f"trustpub={place.cookies['ann']}; trustpub=x"}, body)


def test_every_secret_would_be_found(place: Place) -> None:
    """As it is, in a header, in an address."""
    for name, secret in secrets(place).items():
        for spelling in spellings(secret):
            assert name in told(place, f"... {spelling} ...")


@pytest.mark.parametrize("page", [True, False], ids=["pages", "programs"])
def test_no_secret_is_said_or_logged(place: Place, page: bool, long_run: bool) -> None:
    """No answer, no line of the log, no event and no number holds one, whatever was sent in whichever way."""
    found, answers = [], 0
    step = 1 if long_run else 3 if place.database.path else 9
    for row in [row for row in TABLE if row.page == page][::step]:
        for answer in everything(place, row):
            answers += 1
            heard = answer.body.decode("utf-8", "replace") + json.dumps({**answer.headers, "set-cookie": ""})
            found += [(row.method, row.path, name) for name in told(place, heard) if not _own(row, name)]
        events = " ".join(str(each) for each in place.rows("SELECT kind, actor, detail FROM events"))
        found += [("event of", row.path, name) for name in told(place, events)]
        place.changed()
    lines = place.logged()
    assert [] == found
    assert [] == told(place, "\n".join(lines))
    assert len(lines) >= answers > 20
    assert not [line for line in lines if "crashed" in line]


def _own(row: Row, name: str) -> bool:
    return row.path in OWN_PAGES and name.startswith("link ")


def test_metrics_and_health_hold_no_secret(place: Place) -> None:
    """After all that: numbers."""
    for path in ("/metrics", "/healthz", "/readyz", "/api/v1/openapi.json"):
        assert [] == told(place, place.ask("GET", path, {}).body.decode())
    place.logged()


class Raising:
    """Stands in for a use case and quotes what it was given."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(self._text) from ValueError(self._text)


def test_a_crash_quotes_nothing(tmp_path: Path) -> None:
    """A use case that raises with every secret in its text: one answer in words, one line without them."""
    with Place(tmp_path, log_requests=True) as place:
        for name in ("search", "projects", "publishing", "accounts"):
            place.service.__dict__[name] = Raising(" ".join(secrets(place).values()))
            crashes = 0
            for row in TABLE:
                if (
                    row.path.startswith(("/search", "/manage/projects", "/manage/account/publishing", "/account/login"))
                    and row.who
                ):
                    answer = request(place, row, row.by or next(iter(sorted(row.who))))
                    crashes += answer.status == 500
                    heard = answer.body.decode("utf-8", "replace") + str(answer.headers)
                    assert (row.path, []) == (row.path, told(place, heard))
            assert (name, True) == (name, crashes > 0)
            lines = place.logged()
            assert [] == told(place, "\n".join(lines))
            assert [line for line in lines if "request-crashed" in line and "RuntimeError" in line]


CANARY = "canary-of-the-operator"


def test_secrets_of_the_operator_are_in_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database, a bucket and a mail server that are away, or refuse: their clients' errors name no password and no key."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"{CANARY}-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", f"{CANARY}-key")
    database = f"postgresql://trustpub:{CANARY}@127.0.0.1:1/trustpub"
    server = server_of("smtp://trustpub@127.0.0.1:1", {"TRUSTPUB_SMTP_PASSWORD": CANARY})
    store = store_of(tmp_path / "blobs", "s3://bucket", "http://127.0.0.1:1")
    heard = [repr(server), repr(store), repr(ServerSettings(tmp_path, database=database, mail=Mail("smtp://a@b")))]
    letter = Letter("a", "a@mail.example", "Hello", "Hello", 1.0)
    with caplog.at_level(logging.DEBUG):
        for work in (lambda: Database.open(tmp_path, database), lambda: SmtpPost(server, "a@b").send(letter)):
            with pytest.raises(TrustpubError) as problem:
                work()
            heard += [str(problem.value), repr(problem.value)]
    assert not [text for text in [*heard, caplog.text] if CANARY in text]


def test_commands_and_backups_hold_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `trustpub admin` prints holds none; a backup holds digests, and the one secret that has to be kept as it is."""
    with Place(tmp_path) as place:
        pass
    for words in (
        ["user", "list"],
        ["project", "list"],
        ["publisher", "list"],
        ["reader", "list"],
        ["verify-data"],
        ["gc"],
        ["backup", str(tmp_path / "backup")],
        ["user", "second-factor", "ann"],
        ["token", "create", "nobody", "--scope", "read"],
    ):
        for how in ([], ["--format", "json"]):
            run(["admin", "--data", str(tmp_path / "data"), *words, *how], None)
    heard = "".join(capsys.readouterr())
    kept = {path.name: path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()}
    plain = {name: gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data for name, data in kept.items()}
    found = {name: told(place, data.decode("latin-1")) for name, data in plain.items()}
    assert [] == told(place, heard)
    assert "orchay" in heard
    assert {"TOTP seed"} == {each for names in found.values() for each in names}
    assert [] == found["manifest.json"]
