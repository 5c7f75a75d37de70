"""A client without a program: it holds the same conversation as the real ones and obeys the same contract, in milliseconds."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from trustpub.parties.clients.distribution import read_distribution
from trustpub.parties.clients.port import ClientRun
from trustpub.parties.clients.programs import redact
from trustpub.parties.clients.wire import upload_request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustpub.domain.claims import JSON
    from trustpub.parties.clients.port import Seat


class FakeClient:
    """Asks for the audience, for an ID token, exchanges it, uploads. `tries` are further hosts it wants to reach on the way."""

    def __init__(self, name: str = "fake", *, tries: Sequence[str] = ()) -> None:
        self.name = name
        self.tries = tuple(tries)

    def version(self) -> str:
        """One point nought."""
        return "1.0"

    def not_here(self, index: str) -> str:
        """Nothing: it publishes anywhere."""
        return ""

    def upload(self, dists: Sequence[Path], seat: Seat) -> ClientRun:
        """Upload over the seat's proxy and authority, as the real ones do."""
        talk = _Talk(self.name, seat)
        said = [talk.knock(host) for host in self.tries]
        problem = talk.publish(dists)
        output = redact("\n".join([*said, problem or "uploaded"]), [seat.token_request_token])
        return ClientRun(ok=not problem, exit_code=1 if problem else 0, output=output, command=(self.name, "upload"))


class FakeFetcher:
    """An installer without a program: takes the file's address from the simple page and stores what is there."""

    name = "fake-fetch"

    def version(self) -> str:
        """One point nought."""
        return "1.0"

    def fetch(self, project: str, version: str, dists: Sequence[Path], into: Path, seat: Seat) -> ClientRun:
        """Download the first of `dists` that the project's page lists."""
        words = (self.name, f"{project}=={version}")
        base = urlsplit(seat.simple_url)
        page = _get(base.netloc, f"{base.path}{project}/", self.name)
        files = {entry["filename"]: entry["url"] for entry in json.loads(page or b'{"files": []}')["files"]}
        for dist in dists:
            if dist.name in files:
                path = urlsplit(urljoin(f"{base.path}{project}/", files[dist.name])).path
                (into / dist.name).write_bytes(_get(base.netloc, path, self.name))
                return ClientRun(ok=True, exit_code=0, output=f"saved {dist.name}", command=words)
        return ClientRun(ok=False, exit_code=1, output="no matching distribution found", command=words)


class _Talk:
    def __init__(self, name: str, seat: Seat) -> None:
        self._agent = {"User-Agent": f"{name}/1.0"}
        self._seat = seat
        self._host = urlsplit(seat.upload_url).netloc
        self._tls = ssl.create_default_context(cafile=str(seat.ca_file))

    def knock(self, host: str) -> str:
        """Ask the proxy for a host that is not the index."""
        try:
            self._request(host, "GET", "/", None, {})
        except OSError as problem:
            return f"{host}: {problem}"
        return f"{host}: reached"

    def publish(self, dists: Sequence[Path]) -> str:
        """The whole flow; empty when it went through, else what went wrong."""
        if not self._seat.token_request_url:
            return "is the `id-token: write` permission missing?"
        audience = self._json("GET", "/_/oidc/audience", None)[1].get("audience", "")
        status, answer = self._json("POST", "/_/oidc/mint-token", {"token": self._id_token(str(audience))})
        if status != 200:
            return f"{status} {json.dumps(answer)}"
        for dist in dists:
            found = read_distribution(dist)
            fields = found.fields | {"sha256_digest": found.sha256}
            headers, body = upload_request(str(answer["token"]), fields, dist.name, dist.read_bytes())
            status, reason, _ = self._request(self._host, "POST", "/legacy/", body, headers)
            if status != 200:
                return f"{status} {reason}"
        return ""

    def _id_token(self, audience: str) -> str:
        url = urlsplit(f"{self._seat.token_request_url}&audience={audience}")
        headers = {"Authorization": f"bearer {self._seat.token_request_token}"}
        body = _get(url.netloc, f"{url.path}?{url.query}", self._agent["User-Agent"], headers)
        return str(json.loads(body)["value"])

    def _json(self, method: str, path: str, values: dict[str, str] | None) -> tuple[int, dict[str, JSON]]:
        body = None if values is None else json.dumps(values).encode()
        status, _, answer = self._request(self._host, method, path, body, {"Content-Type": "application/json"})
        return status, json.loads(answer or b"{}")

    def _request(self, host: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str, bytes]:
        proxy = urlsplit(self._seat.proxy_url)
        connection = http.client.HTTPSConnection(proxy.hostname or "", proxy.port, timeout=30, context=self._tls)
        name, _, port = host.partition(":")
        connection.set_tunnel(name, int(port or 443))
        try:
            connection.request(method, path, body, {**self._agent, **headers})
            answer = connection.getresponse()
            return answer.status, answer.reason, answer.read()
        finally:
            connection.close()


def _get(netloc: str, path: str, agent: str, headers: dict[str, str] | None = None) -> bytes:
    connection = http.client.HTTPConnection(netloc, timeout=30)
    accept = {"Accept": "application/vnd.pypi.simple.v1+json, */*;q=0.1"}
    try:
        connection.request("GET", path, None, {"User-Agent": agent, **accept, **(headers or {})})
        answer = connection.getresponse()
        body = answer.read()
        return body if answer.status == 200 else b""
    finally:
        connection.close()
