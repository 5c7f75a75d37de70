"""Whatever an index answers: it is read, or said not to be known, or an error that names the address. Nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parties.index.worlds import github
from trustpub.domain.claims import JSON
from trustpub.domain.index_project import Attested, IndexFile, IndexProject, Registered
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Denied, Unreachable
from trustpub.parties.index.client import IndexClient
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.index.fake_answers import moved, reply, text
from trustpub.parties.index.project import ACCEPT
from trustpub.parties.index.registrar import ApiRegistrar
from trustpub.parties.wire import Request, Response, Send

CANARY = "pypi-api_canary0123456789"
FILE = IndexFile("orchay-1.0.tar.gz", "1.0", 1.0, provenance="https://pypi.example/integrity/x/provenance")


def client(send: Send, token: str | None = None) -> IndexClient:
    """A client of whatever answers."""
    return IndexClient("own", send, **FakeIndex().addresses._asdict(), token=token)


def registrar(send: Send, token: str | None = CANARY) -> ApiRegistrar:
    """A registrar of whatever answers."""
    return ApiRegistrar("own", "https://pypi.example/", send, token)


def always(response: Response) -> Send:
    """An index that gives one answer to everything."""

    def send(_request: Request) -> Response:
        return response

    return send


Question = Callable[[Send], object]
QUESTIONS: dict[str, Question] = {
    "audience": lambda send: client(send, CANARY).audience(),
    "project": lambda send: client(send, CANARY).project("orchay"),
    "provenance": lambda send: client(send, CANARY).provenance("orchay", FILE),
    "names_like": lambda send: client(send, CANARY).names_like("orchay"),
    "registered": lambda send: registrar(send).registered(["orchay"]),
    "register": lambda send: registrar(send).register("orchay", github(), pending=False),
    "remove": lambda send: registrar(send).remove(Registered("1-1", "orchay", github(), pending=False)),
}
READS = [name for name in QUESTIONS if name != "remove"]


@pytest.mark.parametrize("question", READS)
@pytest.mark.parametrize(
    ("response", "word"),
    [
        (text(200, "<html>welcome</html>", "text/html"), "text/html"),
        (text(200, "<html>welcome</html>", "application/json"), "no JSON"),
        (text(200, '{"files": [', "application/json"), "not all of it"),
        (Response(200, {}, b"\xff\xfe"), "no JSON"),
        (Response(200, {}, b""), "no JSON"),
        (Response(200, {}, b"[" * 100_000), "no JSON"),
        (Response(200, {}, b" " * (33 * 1024 * 1024)), "longer than"),
        (reply(200, [1]), "not a JSON object"),
        (Response(204, {}), "204"),
        (Response(302, {"location": "https://elsewhere.example/"}), "redirects"),
        (Response(302, {"location": "http://pypi.example/simple/"}), "redirects"),
        (Response(302, {"location": "https://[broken"}), "redirects"),
        (Response(302, {}), "redirects"),
        (Response(100, {}), "100"),
        (Response(500, {}), "500"),
        (text(502, "<html>Bad gateway</html>", "text/html"), "502"),
        (Response(503, {"retry-after": "120"}), "503"),
        (Response(429, {"retry-after": "120"}), "120 seconds"),
        (Response(429, {}), "429"),
        (Response(429, {"retry-after": "<script>\n"}), "Try again in a while"),
    ],
)
def test_what_is_no_answer_is_an_error_that_names_the_address(question: str, response: Response, word: str) -> None:
    """Exit 3, with what to do next; never taken for "there is none"."""
    with pytest.raises(Unreachable) as broken:
        QUESTIONS[question](always(response))
    assert word in str(broken.value)
    assert "https://pypi.example/" in broken.value.what
    assert broken.value.next_step or "longer" in word


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_answer_at_all_is_passed_on(question: str) -> None:
    """As the sender says it."""

    def send(request: Request) -> Response:
        raise Unreachable(f"`{request.url}`", why="the connection was refused")

    with pytest.raises(Unreachable, match="refused"):
        QUESTIONS[question](send)


@pytest.mark.parametrize("question", ["project", "audience", "names_like", "registered", "provenance"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_to_tell_is_untold_in_the_indexs_words(question: str, status: int) -> None:
    """Without control characters, of a bounded length, and without our token, which it echoes."""
    errors: list[JSON] = [{"code": "x", "description": f"who is {CANARY}?"}, "x", {"description": 3}]
    told = QUESTIONS[question](always(reply(status, {"message": "No\x1b[31m entry\n" + "!" * 5000, "errors": errors})))
    assert isinstance(told, Untold)
    assert told.why.startswith("No [31m entry !!!")
    assert len(told.why) <= 500
    assert CANARY not in repr(told)


def test_a_refusal_to_change_is_denied_without_the_token() -> None:
    """Whatever the index echoes."""
    with pytest.raises(Denied) as denied:
        registrar(always(reply(422, {"message": f"bad: {CANARY}"}))).register("orchay", github(), pending=False)
    assert "bad: (token)" in str(denied.value)
    assert CANARY not in repr(vars(denied.value))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message": 3, "errors": "x"}', b"\xff"])
def test_a_refusal_without_words_says_its_status(body: bytes) -> None:
    """There is always something to say."""
    told = client(always(Response(403, {}, body))).project("orchay")
    assert isinstance(told, Untold)
    assert "403" in told.why


def test_a_token_goes_to_its_own_origin_only() -> None:
    """Not to the upload host that is asked for the audience, not to where provenance is said to lie, not along a redirect."""
    seen: list[Request] = []

    def send(request: Request) -> Response:
        seen.append(request)
        if request.url.endswith("/simple/orchay/"):
            return moved("https://files.example/simple/orchay/")
        return reply(200, {"audience": "own"})

    addresses = FakeIndex().addresses._replace(upload="https://upload.pypi.example/legacy/")
    asked = IndexClient("own", send, **addresses._asdict(), token=CANARY)
    asked.audience()
    with pytest.raises(Unreachable):
        asked.project("orchay")
    told = asked.provenance("orchay", FILE._replace(provenance="https://files.example/x"))
    assert isinstance(told, Untold)
    assert [("https://upload.pypi.example/_/oidc/audience", False), ("https://pypi.example/simple/orchay/", True)] == [
        (each.url, CANARY in str(each.headers)) for each in seen
    ]


@pytest.mark.parametrize("token", ["two\nlines", "smörgås", "null\0"])
def test_what_is_no_token_is_not_sent(token: str) -> None:
    """Nor said again."""
    with pytest.raises(BadInput) as bad:
        client(always(reply(200, {})), token)
    assert token not in str(bad.value)


@pytest.mark.parametrize("base", ["http://index.example/", "http://127.0.0.1.example/"])
def test_a_token_does_not_travel_unencrypted(base: str) -> None:
    """But to this machine itself."""
    with pytest.raises(BadInput, match="unencrypted"):
        ApiRegistrar("own", base, always(reply(200, {})), CANARY)
    ApiRegistrar("own", base, always(reply(200, {})))
    ApiRegistrar("own", "http://127.0.0.1:8080/", always(reply(200, {})), CANARY)


def test_a_redirect_within_the_origin_is_followed() -> None:
    """To the other spelling, for one."""
    index = FakeIndex()
    index.project("orchay", ("orchay-1.0.tar.gz", "1.0"))

    def send(request: Request) -> Response:
        if request.url.endswith("/simple/orchay/"):
            return Response(308, {"location": "/moved/orchay/"})
        return index.send(Request(request.method, request.url.replace("/moved/", "/simple/"), request.headers))

    assert isinstance(client(send).project("orchay"), IndexProject)


@pytest.mark.parametrize(
    ("file", "word"),
    [
        ({}, "filename"),
        ({"filename": "a\nb"}, "filename"),
        ({"filename": "a-1.tar.gz", "hashes": []}, "hashes"),
        ({"filename": "a-1.tar.gz", "hashes": {"sha256": 3}}, "hashes"),
        ({"filename": "a-1.tar.gz", "hashes": {}, "yanked": 0}, "yanked"),
        ({"filename": "a-1.tar.gz", "hashes": {}, "yanked": None}, "yanked"),
        ({"filename": "a-1.tar.gz", "hashes": {}, "upload-time": "yesterday"}, "upload-time"),
        ({"filename": "a-1.tar.gz", "hashes": {}, "upload-time": "2026-01-01T00:00:00"}, "upload-time"),
        ({"filename": "a-1.tar.gz", "hashes": {}, "upload-time": 3}, "upload-time"),
        ({"filename": "a-1.tar.gz", "hashes": {}, "provenance": True}, "provenance"),
        ("a-1.tar.gz", "files"),
    ],
)
def test_a_file_that_is_not_as_agreed_is_an_error_that_names_the_field(file: JSON, word: str) -> None:
    """Not left out: somebody would take the rest for all of them."""
    page: JSON = {"meta": {"api-version": "1.4"}, "files": [file]}
    with pytest.raises(Unreachable, match=word):
        client(always(reply(200, page, ACCEPT))).project("orchay")


@pytest.mark.parametrize("meta", [None, {}, {"api-version": 1}, {"api-version": "2.0"}, {"api-version": "10.1"}])
def test_another_simple_api_is_not_read(meta: JSON) -> None:
    """A second major version may mean anything (PEP 629)."""
    with pytest.raises(Unreachable, match="api-version"):
        client(always(reply(200, {"meta": meta, "files": []}, ACCEPT))).project("orchay")


def test_a_status_of_the_future_is_not_guessed() -> None:
    """Neither open nor closed."""
    page: JSON = {"meta": {"api-version": "1.9"}, "files": [], "project-status": {"status": "on-holiday"}}
    told = client(always(reply(200, page, ACCEPT))).project("orchay")
    assert isinstance(told, Untold)
    assert "on-holiday" in told.why


def test_an_index_that_says_little_leaves_much_unknown() -> None:
    """The least that the simple API's JSON may be: no times, no sizes, no word of attestations, no older page."""
    page: JSON = {"meta": {"api-version": "1.0"}, "files": [{"filename": "orchay-1.0.tar.gz", "hashes": {}}]}

    def send(request: Request) -> Response:
        return reply(200, page, ACCEPT) if "/simple/" in request.url else text(404, "no", "text/html")

    found = client(send).project("orchay")
    assert isinstance(found, IndexProject)
    assert (IndexFile("orchay-1.0.tar.gz", "1.0", None),) == found.files
    assert isinstance(found.owners, Untold)
    assert isinstance(client(send).provenance("orchay", found.files[0]), Untold)


@pytest.mark.parametrize(
    ("filenames", "versions", "latest"),
    [
        (("a-2.0.tar.gz", "a-10.0.tar.gz", "a-1.0-py3-none-any.whl"), ["1.0", "2.0", "10.0"], "10.0"),
        (("a-2.0rc1.tar.gz", "a-1.0.tar.gz"), ["1.0", "2.0rc1"], "1.0"),
        (("a-2.0rc1.tar.gz",), ["2.0rc1"], "2.0rc1"),
        (("a-0.9-py2.6.egg", "a-1.0.win32.exe"), ["0.9", "1.0"], "1.0"),
        (("a-1.0.post1.zip", "a-1.0.zip"), ["1.0", "1.0.post1"], "1.0.post1"),
        (("a-" + "9" * 5000 + ".tar.gz",), [""], ""),
        (("nonsense",), [""], ""),
    ],
)
def test_versions_come_from_file_names(filenames: tuple[str, ...], versions: list[str], latest: str) -> None:
    """Sorted as versions follow each other; old kinds of files by the index's list."""
    rows: list[JSON] = [{"filename": each, "hashes": {}} for each in filenames]
    listed: list[JSON] = ["0.9", "1.0", "1.0.post1"]
    page: JSON = {"meta": {"api-version": "1.4"}, "files": rows, "versions": listed}

    def send(request: Request) -> Response:
        return reply(200, page, ACCEPT) if "/simple/" in request.url else Response(404, {})

    found = client(send).project("a")
    assert isinstance(found, IndexProject)
    assert (versions, latest) == ([each.version for each in found.files], found.latest)


def test_the_names_of_pypi_are_not_fetched() -> None:
    """Ten megabytes for one name."""
    index = FakeIndex()
    for name in ("pypi", "testpypi"):
        assert isinstance(IndexClient(name, index.send, **index.addresses._asdict()).names_like("orchay"), Untold)
    assert [] == index.requests


def test_a_registration_that_is_another_is_an_error() -> None:
    """Read back before anybody believes it."""
    index = FakeIndex()
    index.project("orchay")
    index.project("other")
    token = index.publishers.token()
    desk = registrar(index.send, token)
    other = desk.register("other", github(), pending=False)
    for response in (
        _shown(other),
        _shown(other._replace(project="orchay", publisher=github(environment="x"))),
    ):
        index.answers.append(response)
        with pytest.raises(Unreachable, match="asked to register"):
            desk.register("orchay", github(), pending=False)


def _shown(row: Registered) -> Response:
    fields: JSON = {**row.publisher.row()}
    told: dict[str, JSON] = {"id": row.id, "project": row.project, "pending": row.pending, "provider": "github"}
    return reply(201, {**told, "issuer": row.publisher.issuer, "publisher": fields})


JSONS: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
WORDS = (
    "meta", "api-version", "files", "filename", "hashes", "sha256", "upload-time", "yanked", "provenance", "versions", "status",
    "project-status", "projects", "name", "audience", "info", "version", "ownership", "roles", "role", "user", "organization",
    "attestation_bundles", "publisher", "kind", "attestations", "verification_material", "certificate", "publishers", "id",
    "project", "pending", "provider", "issuer", "errors", "message", "description",
)  # fmt: skip
KNOWN: st.SearchStrategy[JSON] = st.recursive(
    st.sampled_from(
        ["1.4", "active", "orchay", "orchay-1.0.tar.gz", "2026-01-01T00:00:00Z", "github", "", "\ud800", True, None, 3]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=20,
)


@given(st.sampled_from(sorted(QUESTIONS)), JSONS | KNOWN, st.sampled_from([200, 201, 400, 401, 403, 404, 409, 422]))
def test_any_json_is_read_or_refused(question: str, page: JSON, status: int) -> None:
    """By nothing but the errors that are meant for it."""
    try:
        told = QUESTIONS[question](always(Response(status, {}, json.dumps(page).encode())))
    except (Unreachable, Denied) as problem:
        told = str(problem)
        assert told.isprintable()
    assert told is None or isinstance(told, str | Untold | IndexProject | Registered | tuple)
    assert (
        not isinstance(told, tuple)
        or isinstance(told, Untold | IndexProject | Registered)
        or all(isinstance(each, str | Attested | Registered) for each in told)
    )
