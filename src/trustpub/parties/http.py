"""The one door to the network for the parties that speak JSON over HTTP: GitHub and the indexes.

Twenty seconds in all (name look-up, handshake and a body that trickles included), 64 MiB after decompression, no redirects, no
cookies; plain http only on this machine. The proxies of the environment are honoured, but not for this machine. Connections are
kept for the next request of the process. The HTTP client is loaded by the first request, not by the import.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from functools import cache
from typing import TYPE_CHECKING

from trustpub.errors import Unreachable
from trustpub.parties.wire import Response, is_callable, is_loopback, origin, shown
from trustpub.version import __version__

if TYPE_CHECKING:
    import httpx2

    from trustpub.parties.wire import Request

SECONDS = 20.0
"""The whole request, from the name look-up to the last byte of the answer."""
CONNECT_SECONDS = 8.0
"""How long one host may take to accept a connection."""
LARGEST = 64 << 20
"""How many bytes of an answer are taken, after decompression. The log of a job is the largest thing that is ever asked for."""

_AGENT = {"User-Agent": f"trustpub/{__version__}", "Accept-Encoding": "gzip"}


def send(request: Request, *, seconds: float = SECONDS, largest: int = LARGEST) -> Response:
    """Send one request and return the whole answer, redirects included. Raises `Unreachable` when there is none.

    Messages name scheme, host and path only: a query or a header may be a credential.
    """
    if not is_callable(request.url):
        step = "Give the address with https"
        raise Unreachable(f"`{shown(request.url)}`", why="only https is called (plain http on this machine)", next_step=step)
    # A look-up cannot be interrupted, and each read may take its time again: only another thread can keep the deadline.
    answers: queue.SimpleQueue[Response | Exception] = queue.SimpleQueue()
    threading.Thread(
        target=lambda: answers.put(_exchange(request, time.monotonic() + seconds, largest)), daemon=True, name="http"
    ).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        answer = _slow(request.url, seconds)
    if isinstance(answer, Unreachable):
        raise answer
    if isinstance(answer, Exception):
        raise _unreachable(request.url, answer, seconds) from None
    return answer


def _exchange(request: Request, end: float, largest: int) -> Response | Exception:
    """The answer, or what went wrong: nothing that is raised here would reach the one who waits."""
    headers, left = {**_AGENT, **request.headers}, max(end - time.monotonic(), 0.001)
    try:
        import httpx2

        limits = httpx2.Timeout(left, connect=min(CONNECT_SECONDS, left))
        with _client(is_loopback(request.url), origin(request.url)[0] == "https").stream(
            request.method, request.url, headers=headers, content=request.body or None, timeout=limits, follow_redirects=False
        ) as answer:
            if answer.headers.get("content-encoding", "identity") not in {"identity", "gzip"}:
                return Unreachable(f"`{shown(request.url)}`", why="its answer is packed in a way that nobody asked for")
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > largest:
                    return Unreachable(f"`{shown(request.url)}`", why=f"its answer has more than {largest >> 20} MiB")
                if time.monotonic() > end:
                    return TimeoutError()
            return Response(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, bytes(body))
    except Exception as problem:  # noqa: BLE001 - it is handed to the thread that waits, and told there
        return problem


@cache
def _client(loopback: bool, secure: bool) -> httpx2.Client:
    """The client of this process for this machine or for the rest of the world; plain http needs no list of authorities."""
    import atexit
    import logging
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx2

    for name in ("httpx2", "httpcore2"):
        # Their lines hold whole addresses and headers, and those of a log are credentials for a minute.
        logging.getLogger(name).setLevel(logging.WARNING)
    none = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    # To load this machine's authorities takes a tenth of a second; the other context trusts nobody.
    context = httpx2.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client = httpx2.Client(verify=context, trust_env=not loopback, cookies=none)
    atexit.register(client.close)
    return client


def _slow(url: str, seconds: float, what: str = "no complete answer") -> Unreachable:
    return Unreachable(f"`{shown(url)}`", why=f"{what} within {seconds:g} s", next_step="Check the network, then try again")


def _unreachable(url: str, problem: Exception, seconds: float) -> Unreachable:
    """Say what went wrong in words, never in those of the client: they may quote what was sent."""
    import httpx2

    if isinstance(problem, TimeoutError | httpx2.TimeoutException):
        connecting = isinstance(problem, httpx2.ConnectTimeout)
        return _slow(url, min(CONNECT_SECONDS, seconds), "no connection") if connecting else _slow(url, seconds)
    causes = _causes(problem)
    certificate = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate:
        why, step = (
            f"its certificate is not trusted: {certificate.verify_message}",
            "Check this machine's clock and its proxy",
        )
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        why, step = "no TLS connection came about", "Check that the address speaks https, and the proxy of this machine"
    elif isinstance(problem, httpx2.ConnectError) and _proxied(url):
        why, step = "the proxy of this machine cannot be reached", "Check `HTTPS_PROXY` and `NO_PROXY`"
    elif any(isinstance(cause, socket.gaierror) for cause in causes):
        why, step = "its name cannot be looked up", "Check the spelling of the host and the network, then try again"
    elif isinstance(problem, httpx2.ProxyError):
        why, step = "the proxy of this machine did not let the request through", "Check `HTTPS_PROXY` and `NO_PROXY`"
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        why, step = "the connection was refused", "Check that the server runs and that no firewall is in between"
    elif isinstance(problem, httpx2.ConnectError):
        why, step = "no connection came about", "Check the network, then try again"
    elif isinstance(problem, httpx2.NetworkError | httpx2.RemoteProtocolError | httpx2.DecodingError):
        why, step = "the connection was cut before the answer was whole", "Try again"
    else:
        why, step = f"the request could not be sent ({type(problem).__name__})", "Check the address and the proxy of this machine"
    return Unreachable(f"`{shown(url)}`", why=why, next_step=step)


def _proxied(url: str) -> bool:
    """Say whether the environment puts a proxy in between: then it is the proxy that is looked up and connected to."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    if is_loopback(url):
        return False
    proxies, host = getproxies(), urlsplit(url).hostname or ""
    return bool(proxies.get("https") or proxies.get("all")) and not proxy_bypass(host)


def _causes(problem: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while problem is not None and problem not in found:
        found.append(problem)
        problem = problem.__cause__ or problem.__context__
    return found
