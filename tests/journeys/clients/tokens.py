"""The endpoint at which a job of GitHub Actions asks for its ID token, on this machine."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from bench.rows.exchanges import claims
from trustpub.parties.issuer.signing import SigningKey


@contextlib.contextmanager
def endpoint(keys: SigningKey, number: int) -> Iterator[dict[str, str]]:
    """The variables that a job with `id-token: write` has; whoever asks with them gets a token for the audience it names."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            audience = parse_qs(urlsplit(self.path).query)["audience"][0]
            told = {**claims(number, int(time.time())), "aud": audience}
            body = json.dumps({"value": keys.sign({"typ": "JWT", "alg": "RS256", "kid": keys.kid}, told)}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{server.server_address[1]}/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer-of-the-job",
            "GITHUB_ACTIONS": "true",
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
