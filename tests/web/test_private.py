"""The gate of a private index: who gets in, what strangers learn, and what caches on the way may keep."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from tests.web.pages.people import PASSWORD, Index, settled
from tests.web.site import Answer, Site
from tests.web.visitor import Visitor
from trustpub.domain.tokens import API_PREFIX, READ_PREFIX, UPLOAD_PREFIX, digest, mint
from trustpub.storage.accounts import add_api_token, add_user
from trustpub.storage.database import Connection
from trustpub.storage.tables import api_tokens, read_tokens, readers, users
from trustpub.web.private import READS, shown_token

FAR = 4_000_000_000
TOKENS = {scope: mint(API_PREFIX, scope.encode().ljust(32, b"x")) for scope in ("read", "manage", "upload", "expired")}
READ_TOKEN = mint(READ_PREFIX, b"r" * 32)
OLD_READ_TOKEN = mint(READ_PREFIX, b"o" * 32)


def basic(password: str, user: str = "__token__") -> str:
    """An Authorization header as pip writes it."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def let_in(connection: Connection) -> None:
    """A user with tokens of every scope, and two read tokens, one of them too old."""
    user = add_user(connection, "hana", "hana@acme.example", 1.0)
    for scope, token in TOKENS.items():
        kind, expires = ("read", 5) if scope == "expired" else (scope, None)
        add_api_token(connection, digest(token), user.id, kind, 1.0, expires=expires)
    row = {"identity": "i", "provider": "github", "issuer": "x", "lookup": "x", "kin": "x", "fields": "{}", "by": "hana"}
    connection.execute(insert(readers), {**row, "created": 1.0})
    for token, expires in ((READ_TOKEN, FAR), (OLD_READ_TOKEN, 5)):
        connection.execute(insert(read_tokens), {"digest": digest(token), "reader_id": 1, "created": 1.0, "expires": expires})


def closed(folder: Path) -> Site:
    """A private index with people's tokens and one project."""
    site = Site(folder, private=True, name='acme "inner"')
    site.write(let_in)
    site.publish("demo-1.0.tar.gz", b"bytes")
    return site


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests that only read."""
    with closed(tmp_path_factory.mktemp("private")) as site:
        yield site


PATH = f"/files/{(SHA256 := sha256(b'bytes').hexdigest())[:2]}/{SHA256[2:4]}/{SHA256}/demo-1.0.tar.gz"


def ask(site: Site, path: str, authorization: str | None = None) -> Answer:
    """One GET, perhaps with credentials."""
    return site.ask("GET", path, {"Authorization": authorization} if authorization else {})


@pytest.mark.parametrize(
    "path",
    [
        "/simple/", "/simple/demo/", "/simple/none/", "/simple/Demo", "/simple", "/files/aa/bb/cc/x", "/files/",
        "/pypi/demo/json", "/pypi/none/json", "/integrity/demo/1.0/x/provenance", "/rss/updates.xml",
    ],
)  # fmt: skip
def test_strangers_see_the_same_everywhere(private: Site, path: str) -> None:
    """401 with a challenge that makes pip, uv, poetry and pdm look for credentials; what exists looks like what does not."""
    answer = ask(private, path)
    assert (401, 'Basic realm="acme inner", charset="UTF-8"') == (answer.status, answer.headers["www-authenticate"])
    assert (b"needs a token" in answer.body, b"demo" in answer.body) == (True, False)
    assert answer.body == ask(private, "/simple/none/").body


@pytest.mark.parametrize("token", [TOKENS["read"], TOKENS["manage"], TOKENS["upload"], READ_TOKEN])
def test_every_token_that_may_read_reads(private: Site, token: str) -> None:
    """As a password beside any user name, as the user name, as a bearer."""
    for header in (basic(token), basic(token, "hana"), basic("", token), f"Bearer {token}", f"token {token}"):
        assert 200 == ask(private, "/simple/demo/", header).status
        assert b"bytes" == ask(private, PATH, header).body
        assert 404 == ask(private, "/simple/none/", header).status


@pytest.mark.parametrize(
    "header",
    [
        basic(TOKENS["expired"]),
        basic(OLD_READ_TOKEN),
        basic(mint(UPLOAD_PREFIX, b"u" * 32)),
        basic(mint(API_PREFIX, b"n" * 32)),
        basic(TOKENS["read"][:-1]),
        basic("password", "hana"),
        basic(""),
        "Basic ",
        "Basic ====",
        "Basic " + b64encode(b"\xff:\xfe").decode(),
        "Digest " + TOKENS["read"],
        TOKENS["read"],
        "Bearer " + "x" * 20_000,
    ],
)
def test_nothing_else_gets_in(private: Site, header: str) -> None:
    """Old, unknown, cut or other credentials; a password is never looked at."""
    assert 401 == ask(private, "/simple/", header).status


def test_a_revoked_token_ends_at_once(tmp_path: Path) -> None:
    """The very next request is refused; so is one of a closed account."""
    with closed(tmp_path) as site:
        assert 200 == ask(site, "/simple/demo/", basic(TOKENS["read"])).status
        revoke = update(api_tokens).where(api_tokens.c.scope == "read").values(revoked_at=2.0)
        site.write(lambda connection: connection.execute(revoke))
        assert 401 == ask(site, "/simple/demo/", basic(TOKENS["read"])).status
        assert 200 == ask(site, "/simple/demo/", basic(TOKENS["upload"])).status
        site.write(lambda connection: connection.execute(update(users).values(active=False)))
        assert 401 == ask(site, "/simple/demo/", basic(TOKENS["upload"])).status


def test_a_use_is_noted_once_an_hour(tmp_path: Path) -> None:
    """Beside the request; what is refused was not used."""
    with closed(tmp_path) as site:
        for token in (TOKENS["read"], TOKENS["read"], TOKENS["expired"], READ_TOKEN):
            ask(site, "/simple/demo/", basic(token))
        used = site.write(lambda connection: connection.execute(select(api_tokens.c.scope, api_tokens.c.used_at)).all())
        assert ["read"] == [scope for scope, at in used if at is not None]
        site.write(lambda connection: connection.execute(update(api_tokens).values(used_at=None)).rowcount)
        ask(site, "/simple/demo/", basic(TOKENS["read"]))
        used = site.write(lambda connection: connection.execute(select(api_tokens.c.used_at)).all())
        assert {(None,)} == set(map(tuple, used))


@pytest.fixture
def with_people(tmp_path: Path) -> Iterator[Index]:
    """A private index with pages, and one file."""
    with Index(tmp_path, private=True) as index:
        index.publish("demo-1.0.tar.gz", b"bytes")
        yield index


def test_the_links_of_pages_work_for_who_is_signed_in(with_people: Index) -> None:
    """From a page of ours or typed; not from another site's, not for a client's paths, and not beside another credential."""
    hana = settled(with_people)
    rss, proof = "/rss/updates.xml", "/integrity/demo/1.0/demo-1.0.tar.gz/provenance"

    def get(path: str, site: str, **more: str) -> int:
        return hana._ask("GET", path, {"Sec-Fetch-Site": site, "Accept": "text/html,*/*;q=0.8", **more}).status

    for said in ("same-origin", "none"):
        assert (200, 200, 404) == (get(PATH, said), get(rss, said), get(proof, said))
    for said in ("cross-site", "same-site", ""):
        assert (401, 401, 401) == (get(PATH, said), get(rss, said), get(proof, said))
    assert (401, 401) == (get("/simple/", "same-origin"), get("/pypi/demo/json", "same-origin"))
    assert 401 == get(PATH, "same-origin", Authorization=basic(TOKENS["expired"]))
    assert hana._ask("GET", rss, {"Sec-Fetch-Site": "none"}).headers["cache-control"] == "private, no-cache"
    hana.post("/account/logout/", {})
    assert 401 == get(PATH, "same-origin")


def test_half_a_sign_in_follows_no_link(with_people: Index) -> None:
    """A password alone is not enough for somebody who has a second factor."""
    settled(with_people)
    half = Visitor(with_people)
    half.submit(half.open("/account/login/"), "/account/login/", username="hana", password=PASSWORD)
    assert half.cookies
    assert 401 == half._ask("GET", PATH, {"Sec-Fetch-Site": "same-origin"}).status


def test_two_credentials_are_none(private: Site) -> None:
    """Nobody can tell which one a proxy in front has looked at."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", private.server.port, timeout=10)
    connection.putrequest("GET", "/simple/")
    for _ in range(2):
        connection.putheader("Authorization", basic(TOKENS["read"]))
    connection.endheaders()
    assert 401 == connection.getresponse().status
    connection.close()


@pytest.mark.parametrize("path", ["/healthz", "/_/oidc/audience"])
def test_the_way_in_stays_open(private: Site, path: str) -> None:
    """Health and the exchange are asked before anybody has a token."""
    assert 200 == ask(private, path).status


def test_no_cache_on_the_way_may_keep_an_answer(private: Site) -> None:
    """Pages, files and JSON are marked as their reader's."""
    for each, said in (
        ("/simple/demo/", "private, no-cache"),
        ("/simple/", "private, no-cache"),
        (PATH, "private, max-age=31536000, immutable"),
        ("/pypi/demo/json", "private, no-cache"),
    ):
        answer = ask(private, each, basic(READ_TOKEN))
        assert (200, said) == (answer.status, answer.headers["cache-control"])
    assert "no-store" == ask(private, PATH).headers["cache-control"]


def test_an_open_index_asks_nobody(site: Site) -> None:
    """Also those who bring credentials, whatever they are."""
    site.publish("demo-1.0.tar.gz", b"x")
    assert (200, "no-cache") == (
        ask(site, "/simple/demo/", basic("x")).status,
        site.get("/simple/demo/").headers["cache-control"],
    )


def test_every_read_of_programs_is_behind_the_gate() -> None:
    """The words that this test and the routes use."""
    assert {"simple", "files", "pypi", "integrity", "rss"} == READS
    assert shown_token("Bearer " + READ_TOKEN) is not None
    assert READ_TOKEN not in repr(shown_token("Bearer " + READ_TOKEN))
