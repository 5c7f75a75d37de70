"""Requests that two readers could read differently, sent to the index itself and through nginx with its kept connection.

Each row says what either door answers, and which requests reach the index. Then an honest request follows: on the client's own
connection where that stays open, and on the connection that nginx keeps to the index. It must be answered as itself.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.journeys.front.doors import Doors
from tests.journeys.front.raw_http import Wire, ask

HIDDEN = "GET /simple/hidden/ HTTP/1.1\r\nHost: pypi.example\r\n\r\n"
"""What must never be taken for a request of its own, or only where it is one."""
TARGET = "/simple/Asked_for/"
CLOSED = "."
"""In a row, behind the statuses: the connection ends."""
TABLE = Path("/proc/net/tcp")
_numbers = itertools.count(1)


def post(*headers: str, body: str = "", version: str = "1.1", target: str = "/_/oidc/burn-token") -> str:
    """A request with a body, as its headers say or not."""
    return "\r\n".join([f"POST {target} HTTP/{version}", "Host: pypi.example", *headers, "", body])


def get(
    *headers: str, target: str = TARGET, method: str = "GET", version: str = "1.1", host: str | None = "Host: pypi.example"
) -> str:
    """A request without a body, unless its headers say so."""
    return "\r\n".join([f"{method} {target} HTTP/{version}", *([] if host is None else [host]), *headers, "", ""])


def chunked(body: str, coding: str = "Transfer-Encoding: chunked") -> str:
    """A body in chunks, as they are written."""
    return post(coding, body=body)


LENGTH = f"Content-Length: {len(HIDDEN)}"
ENDED = "0\r\n\r\n"
BOTH = ("400.", "400.")
"""Refused at either door."""

# what is sent; what the index answers; what nginx answers
ROWS: dict[str, tuple[str, str, str]] = {
    # Two lengths
    "CL.TE": (post(f"Content-Length: {len(ENDED + HIDDEN)}", "Transfer-Encoding: chunked", body=ENDED + HIDDEN), *BOTH),
    "TE.CL": (post("Transfer-Encoding: chunked", "Content-Length: 4", body=f"{len(HIDDEN):x}\r\n{HIDDEN}\r\n{ENDED}"), *BOTH),
    "TE and no length": (post("Content-Length: 0", "Transfer-Encoding: chunked", body=ENDED), *BOTH),
    "two lengths": (post("Content-Length: 2", f"Content-Length: {2 + len(HIDDEN)}", body="{}" + HIDDEN), *BOTH),
    "the same length twice": (post("Content-Length: 2", "Content-Length: 2", body="{}"), *BOTH),
    "a list of lengths": (post("Content-Length: 2, 2", body="{}" + HIDDEN), *BOTH),
    "a length with a sign": (post("Content-Length: +2", body="{}" + HIDDEN), *BOTH),
    "a length in hexadecimal": (post("Content-Length: 0x2", body="{}" + HIDDEN), *BOTH),
    "two words of length": (post("Content-Length: 2 2", body="{}" + HIDDEN), *BOTH),
    "no digit of length": (post("Content-Length: ", body=HIDDEN), *BOTH),
    "a length of 65 bits": (post("Content-Length: 18446744073709551618", body="{}" + HIDDEN), *BOTH),
    "NUL in a length": (post("Content-Length: 2\0", body="{}" + HIDDEN), *BOTH),
    "a length with zeros": (post("Content-Length: 0000000002", body="{}"), "200", "200"),
    # Odd spellings of Transfer-Encoding
    "xchunked": (chunked(ENDED + HIDDEN, "Transfer-Encoding: xchunked"), "400.", "501."),
    "a blank before the colon": (chunked(ENDED + HIDDEN, "Transfer-Encoding : chunked"), *BOTH),
    "a vertical tab": (chunked(ENDED + HIDDEN, "Transfer-Encoding: \x0bchunked"), "400.", "501."),
    "in quotes": (chunked(ENDED + HIDDEN, 'Transfer-Encoding: "chunked"'), "400.", "501."),
    "on the next line": (chunked(ENDED + HIDDEN, "Transfer-Encoding:\r\n chunked"), *BOTH),
    "chunked, then not": (chunked(ENDED + HIDDEN, "Transfer-Encoding: chunked, identity"), "400.", "501."),
    "two headers": (post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body=ENDED + HIDDEN), *BOTH),
    "the same header twice": (post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=ENDED + HIDDEN), *BOTH),
    "behind a tab": (chunked(ENDED, "Transfer-Encoding:\tchunked"), "200", "501."),
    "after another coding": (chunked(ENDED, "Transfer-Encoding: gzip, chunked"), "200", "501."),
    "capitals": (chunked(ENDED, "Transfer-Encoding: CHUNKED"), "200", "200"),
    "an underscore": (post("Transfer_Encoding: chunked", "Content-Length: 2", body="{}"), "200", "200"),
    "in HTTP/1.0": (post("Transfer-Encoding: chunked", body=ENDED, version="1.0"), "200.", "400."),
    # Lines
    "a folded header": (post("X-A: a\r\n b", "Content-Length: 2", body="{}"), *BOTH),
    "a folded length": (post("X-A: a\r\n Content-Length: 9", "Content-Length: 2", body="{}" + HIDDEN), *BOTH),
    "a lone LF in a header": (post(f"X-A: a\nContent-Length: {2 + len(HIDDEN)}", "Content-Length: 2", body="{}"), *BOTH),
    "a lone CR in a header": (post("X-A: a\rTransfer-Encoding: chunked", "Content-Length: 2", body="{}"), *BOTH),
    "lone LFs": (post("Content-Length: 2", body="{}").replace("\r\n", "\n"), "400.", "200"),
    "NUL in a header": (post("X-A: a\0b", "Content-Length: 2", body="{}"), *BOTH),
    "a blank in a header's name": (get("X A: b"), *BOTH),
    "a header without a name": (get(": b"), *BOTH),
    "a blank before the first header": (get("X-A: b", host=" Host: pypi.example"), *BOTH),
    # Chunks
    "a chunk's extension": (chunked("2;a=b\r\n{}\r\n" + ENDED), "200", "200"),
    "an extension with a lone LF": (chunked("2;a\n{}\r\n" + ENDED), "400.", "200"),
    "chunks with lone LFs": (chunked("2\n{}\n0\n\n"), "400.", "200"),
    "a size with a plus": (chunked("+2\r\n{}\r\n" + ENDED + HIDDEN), *BOTH),
    "a size with a minus": (chunked("-2\r\n{}\r\n" + ENDED + HIDDEN), *BOTH),
    "a size with 0x": (chunked("0x2\r\n{}\r\n" + ENDED + HIDDEN), *BOTH),
    "a size of 65 bits": (chunked("10000000000000002\r\n{}\r\n" + ENDED + HIDDEN), *BOTH),
    "a blank before a size": (chunked(" 2\r\n{}\r\n" + ENDED), *BOTH),
    "a size without digits": (chunked("\r\n" + ENDED + HIDDEN), *BOTH),
    "a chunk without an end": (chunked("2\r\n{}" + ENDED + HIDDEN), *BOTH),
    "a chunk longer than its size": (chunked("2\r\n{}XX" + ENDED + HIDDEN), *BOTH),
    "a length as a trailer": (chunked("2\r\n{}\r\n0\r\nContent-Length: 50\r\nHost: evil.example\r\n\r\n"), "400.", "200"),
    # Targets
    "absolute": (get(target=f"http://pypi.example{TARGET}"), "301", "301"),
    "absolute, elsewhere": (get(target=f"http://evil.example{TARGET}"), "301", "301"),
    "absolute without a path": (get(target="http://pypi.example"), "400.", "400"),
    "a host and a port": (get(target="evil.example:443", method="CONNECT"), *BOTH),
    "an asterisk": (get(target="*", method="OPTIONS"), "404", "400."),
    "no slash": (get(target="simple/"), *BOTH),
    "two slashes": (get(target=f"//evil.example{TARGET}"), "400", "400"),
    "a blank": (get(target=f"{TARGET} x"), *BOTH),
    "NUL": (get(target="/simple/\0/"), *BOTH),
    "bytes beyond ASCII": (get(target="/simple/\xff\xfe/"), "400.", "400"),
    # Hosts
    "two hosts": (get("Host: evil.example"), *BOTH),
    "no host": (get(host=None), *BOTH),
    "no host in HTTP/1.0": (get(host=None, version="1.0"), "301.", "301."),
    "a host with a path": (get(host="Host: pypi.example/x"), "301", "400."),
    "a host with a blank": (get(host="Host: pypi.example evil.example"), "301", "400."),
    "hosts in a list": (get(host="Host: pypi.example, evil.example"), "301", "400."),
    "a user at a host": (get(host="Host: a@evil.example"), "301", "400"),
    # Versions and methods
    "HTTP/2.0": (get(version="2.0"), "301.", "505."),
    "a preface of HTTP/2": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", *BOTH),
    "small letters": (get(method="get"), *BOTH),
    "tabs": (get().replace(" ", "\t", 2), *BOTH),
    "TRACE": (get(method="TRACE", target="/simple/"), "405", "405."),
    # Bodies where none is awaited, and other protocols
    "a GET with a body": (get(LENGTH) + HIDDEN, "301", "301"),
    "a GET with chunks": (get("Transfer-Encoding: chunked") + f"{len(HIDDEN):x}\r\n{HIDDEN}\r\n{ENDED}", "301", "301"),
    "an upgrade": (get("Connection: upgrade", "Upgrade: websocket"), "301.", "301"),
    "an upgrade to HTTP/2": (get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAM"), "301.", "301"),
    "a length that is the connection's": (post("Connection: Content-Length", "Content-Length: 2", body="{}"), "200", "200"),
    "a body that is asked for": (post("Expect: 100-continue", "Content-Length: 2", body="{}"), "200", "200"),
    "another expectation": (post("Expect: 200-ok", "Content-Length: 2", body="{}"), "200", "200"),
    # Too much
    "a header of 300 kB": (get("X-A: " + "a" * 300_000), "431.", "400."),
    "many headers": (get(*(f"X-{number}: {'a' * 60}" for number in range(6000))), "431.", "400."),
    # Several at once
    "behind a refusal": (post("Content-Length: x") + HIDDEN, *BOTH),
    "behind 404": (get(target="/nothing") + get(), "404 301", "404 301"),
    "behind 405": (get("Content-Length: 0", method="DELETE", target="/simple/a/") + get(), "405 301", "405 301"),
    "behind a refused upload": (post("Content-Length: 2", body="{}", target="/legacy/") + get(), "400 301", "400 301"),
    "before what is no HTTP": (get() + "nonsense\r\n\r\n", "301.", "301 400."),
}  # fmt: skip


def honest() -> tuple[str, str]:
    """A path for which nobody else has asked, and where its answer leads."""
    number = next(_numbers)
    return f"/simple/Honest_{number}/", f"/simple/honest-{number}/"


@pytest.mark.parametrize("case", ROWS)
def test_each_request_has_one_answer(doors: Doors, case: str) -> None:
    """Its own; and whoever asks next is answered as if nobody had asked before."""
    sent, by_index, by_nginx = ROWS[case]
    doors.site.records.clear()
    for port, expected in ((doors.site.server.port, by_index), (doors.nginx, by_nginx)):
        send(port, sent.encode("latin-1"), expected)
        path, place = honest()
        assert ask(doors.nginx, path).headers["location"].endswith(place)
    assert "/simple/hidden/" not in [record.path for record in doors.site.records]
    assert [] == [line for line in doors.site.log if '"error"' in line]


def send(port: int, sent: bytes, expected: str) -> None:
    """Send this, and see these answers and no other; then the end of the connection, or the answer to an honest request."""
    with Wire(port) as wire:
        wire.send(sent)
        found = [wire.answer() for _ in expected.split()]
        assert expected.removesuffix(CLOSED).split() == [str(each.status) for each in found if each]
        if expected.endswith(CLOSED):
            assert b"" == wire.rest()
        else:
            path, place = honest()
            wire.send(get(target=path).encode())
            answer = wire.answer()
            assert answer is not None
            assert answer.headers["location"].endswith(place)


def test_the_index_is_asked_over_one_connection(doors: Doors) -> None:
    """Or nobody could be given somebody else's answer, and the rows above would show nothing."""
    if not TABLE.exists():
        pytest.skip("this system does not list its connections")
    for _ in range(5):
        path, place = honest()
        assert ask(doors.nginx, path).headers["location"].endswith(place)
    assert 1 == connections(doors.site.server.port)


def connections(port: int) -> int:
    """How many connections to this port of this machine are open."""
    rows = [line.split() for line in TABLE.read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)


def test_a_request_without_a_version(doors: Doors) -> None:
    """HTTP/0.9: nginx asks for it as for any other, and sends the body alone; the index waits for a head."""
    with Wire(doors.nginx) as wire:
        wire.send(b"GET /pypi/nothing/json\r\n")
        assert b'{"message":"Not found"' == wire.rest()[:22]
    doors.site.records.clear()
    with Wire(doors.site.server.port) as wire:
        wire.send(b"GET /pypi/nothing/json\r\n")
        path, place = honest()
        assert ask(doors.site.server.port, path).headers["location"].endswith(place)
    assert [path] == [record.path for record in doors.site.records]
