"""Metrics: for this machine and administrators, in Prometheus' format, without anybody's names."""

from __future__ import annotations

import time
from base64 import b64encode
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.web.site import Site
from trustpub.domain.tokens import API_PREFIX, digest, mint
from trustpub.storage.accounts import add_api_token, add_user, set_active

PROXIED = {"X_Forwarded_For": "203.0.113.9"}


def values(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels; fails for text that is not Prometheus'."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def token_of(site: Site, *, admin: bool = True, scope: str = "read", expires: int | None = None, active: bool = True) -> str:
    """An API token of a new user."""
    token = mint(API_PREFIX, bytes(range(32)))

    def work(connection: object) -> None:
        user = add_user(connection, "hana", "hana@acme.example", 1.0, admin=admin)  # type: ignore[arg-type]
        add_api_token(connection, digest(token), user.id, scope, 1.0, expires=expires)  # type: ignore[arg-type]
        set_active(connection, user.id, active)  # type: ignore[arg-type]

    site.write(work)
    return token


def test_everything_is_counted(site: Site) -> None:
    """By route and class of status, with times that add up, outcomes, and sizes."""
    site.publish("demo-1.0.tar.gz", b"x" * 10)
    for path in ("/simple/demo/", "/simple/demo/", "/simple/nothing/", "/nobody/knows/this"):
        site.get(path)
    site.post("/legacy/", b"garbage")
    answer = site.get("/metrics")
    assert "text/plain; version=0.0.4; charset=utf-8" == answer.headers["content-type"]
    found = values(answer.body.decode())

    def one(name: str, **labels: str) -> float:
        return found[name, frozenset({"index": "/", **labels}.items())]

    assert (2, 1) == (
        one("trustpub_request_seconds_count", route="simple", status="2xx"),
        one("trustpub_request_seconds_count", route="simple", status="4xx"),
    )
    assert 2 == one("trustpub_request_seconds_bucket", route="simple", status="2xx", le="+Inf")
    assert 1 == one("trustpub_request_seconds_count", route="page", status="4xx")
    assert 1 == sum(value for (name, _), value in found.items() if name == "trustpub_uploads_total")
    assert (1, 10, 1) == tuple(one("trustpub_held", what=what) for what in ("files", "file_bytes", "projects"))
    assert 0 == one("trustpub_writer_queue")
    assert "demo" not in answer.body.decode()


def test_a_stranger_sees_nothing(site: Site) -> None:
    """Neither directly nor through a proxy of this machine that the settings do not name."""
    answer = site.get("/metrics", **PROXIED)
    assert (401, "Bearer") == (answer.status, answer.headers["www-authenticate"].split(" ")[0])
    assert 401 == site.get("/metrics", Via="1.1 nginx").status


@pytest.mark.parametrize("scope", ["read", "manage"])
def test_an_administrators_token_sees_everything(site: Site, scope: str) -> None:
    """As Prometheus sends it."""
    token = token_of(site, scope=scope)
    assert 200 == site.get("/metrics", Authorization=f"Bearer {token}", **PROXIED).status
    basic = b64encode(f"__token__:{token}".encode()).decode()
    assert 200 == site.get("/metrics", Authorization=f"Basic {basic}", **PROXIED).status


@pytest.mark.parametrize(
    "made",
    [{"admin": False}, {"scope": "upload"}, {"expires": int(time.time()) - 1}, {"active": False}],
    ids=", ".join,
)
def test_no_other_token_does(site: Site, made: dict[str, object]) -> None:
    """Of others, for other work, at another time."""
    token = token_of(site, **made)  # type: ignore[arg-type]
    assert 401 == site.get("/metrics", Authorization=f"Bearer {token}", **PROXIED).status
    assert 401 == site.get("/metrics", Authorization="Bearer pypi-api_garbage", **PROXIED).status


def test_behind_a_trusted_proxy_the_caller_counts(tmp_path: Path) -> None:
    """Whoever comes through it is not this machine, unless it says so."""
    with Site(tmp_path, trusted_proxies=("127.0.0.1",)) as site:
        assert 401 == site.get("/metrics", **PROXIED).status
        assert 200 == site.get("/metrics", X_Forwarded_For="127.0.0.1").status
        assert 400 == site.get("/metrics", X_Forwarded_For="garbage").status
