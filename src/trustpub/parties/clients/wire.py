"""Our own small client for the controls: the same TLS port as the real clients, but able to say wrong things."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import socket
from typing import TYPE_CHECKING

from trustpub.parties.clients.port import Answer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

_TIMEOUT = 30.0
_USER_AGENT = "trustpub-control"


class TlsWire:
    """Speaks to 127.0.0.1:`port` over TLS, naming `host` as real clients do. One connection a request."""

    def __init__(self, port: int, host: str, context: ssl.SSLContext) -> None:
        self._port = port
        self._host = host
        self._context = context

    def exchange(self, id_token: str) -> Answer:
        """Post an ID token; the answer's code is the first error's."""
        status, _reason, body = self._post("/_/oidc/mint-token", {"token": id_token})
        errors = body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        error = first if isinstance(first, dict) else {}
        return Answer(status, str(error.get("code", "")), str(error.get("description", "")), str(body.get("token", "")))

    def burn(self, token: str) -> Answer:
        """Post an upload token to be given back."""
        status, reason, _body = self._post("/_/oidc/burn-token", {"token": token})
        return Answer(status, "" if status < 300 else reason)

    def upload(self, token: str | None, fields: Mapping[str, str], filename: str, content: bytes) -> Answer:
        """Post one file as uv and twine do; the answer's code is the text of the status line."""
        headers, body = upload_request(token, fields, filename, content)
        status, reason, _body = self._request("POST", "/legacy/", body, headers)
        return Answer(status, "" if status < 300 else reason)

    def fetch(self, path: str) -> bytes:
        """The body of one page or file; empty unless the index answers 200."""
        status, _reason, body = self._request("GET", path, None, {"Accept": "application/vnd.pypi.simple.v1+json, */*;q=0.1"})
        return body if status == 200 else b""

    def _post(self, path: str, values: Mapping[str, str]) -> tuple[int, str, dict[str, object]]:
        status, reason, body = self._request(
            "POST", path, json.dumps(dict(values)).encode(), {"Content-Type": "application/json"}
        )
        try:
            parsed = json.loads(body or b"{}")
        except ValueError:
            parsed = {}
        return status, reason, parsed if isinstance(parsed, dict) else {}

    def _request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        connection = _Connection(self._port, self._host, self._context)
        try:
            connection.request(method, path, body, {"User-Agent": _USER_AGENT, "Connection": "close", **headers})
            answer = connection.getresponse()
            return answer.status, answer.reason, answer.read()
        except (OSError, http.client.HTTPException) as problem:
            return 0, f"no answer ({type(problem).__name__})", b""
        finally:
            connection.close()


class _Connection(http.client.HTTPSConnection):
    """Connects to this machine whatever the host's name is; no resolver is asked."""

    def __init__(self, port: int, host: str, context: ssl.SSLContext) -> None:
        super().__init__(host, context=context, timeout=_TIMEOUT)
        self._local_port = port
        self._tls = context

    def connect(self) -> None:
        """Open the socket to 127.0.0.1 and greet with the index's name."""
        plain = socket.create_connection(("127.0.0.1", self._local_port), timeout=_TIMEOUT)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a body waits 40 ms for its head's acknowledgement
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def upload_request(token: str | None, fields: Mapping[str, str], filename: str, content: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of an upload as clients send it, with an upload token as the password or without any credential."""
    boundary = secrets.token_hex(16)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(f"__token__:{token}".encode()).decode()
    form = {":action": "file_upload", "protocol_version": "1", **fields}
    return headers, _multipart(boundary, form, filename, content)


def _multipart(boundary: str, fields: Mapping[str, str], filename: str, content: bytes) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n'
    parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])
