"""Every post behaves the same: what goes, what may go later, what never goes, and that nothing becomes a header."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.parties.mail.server import MailServer, certificate
from trustpub.errors import BadInput, Denied, Unreachable
from trustpub.parties.mail.fake import FakePost
from trustpub.parties.mail.message import LONGEST_LINE, message
from trustpub.parties.mail.outbox import Outbox
from trustpub.parties.mail.port import Letter, Post
from trustpub.parties.mail.smtp import Server, SmtpPost, server_of

SENDER = "index@example.org"
LETTER = Letter(
    "abc", "ada@example.org", "이메일 주소를 확인해 주세요", "열어 주세요:\n\nhttps://index.example/?token=x\n", 1_763_800_000.5
)


@dataclass(frozen=True)
class Stage:
    """A post, what it took, and how it is made to fail."""

    post: Post
    taken: Callable[[], list[EmailMessage]]
    fail: Callable[[], object]


def read(data: bytes) -> EmailMessage:
    """A message from its bytes."""
    read = message_from_bytes(data, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def fake(_: Path) -> Stage:
    """The fake."""
    from trustpub.parties.mail.message import message

    post = FakePost(SENDER)

    def fail() -> None:
        post.failing = Unreachable("the mail server")

    return Stage(post, lambda: [read(message(each, SENDER).as_bytes()) for each in post.sent], fail)


def outbox(folder: Path) -> Stage:
    """A folder."""
    box = folder / "outbox"

    def taken() -> list[EmailMessage]:
        return [read(file.read_bytes()) for file in sorted(box.glob("*.eml"))]

    return Stage(Outbox(box, SENDER), taken, lambda: box.write_text("in the way"))


@pytest.fixture(params=["fake", "outbox", "starttls", "smtps"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """Each post."""
    if request.param in ("fake", "outbox"):
        yield (fake if request.param == "fake" else outbox)(tmp_path)
        return
    server = MailServer(implicit=request.param == "smtps")
    where = Server("localhost", server.port, server.implicit, "user", "pass")
    yield Stage(SmtpPost(where, SENDER, certificate().client), lambda: [read(each) for each in server.taken], server.stop)
    server.stop()


def test_a_letter_goes(stage: Stage) -> None:
    """As it was written, with what every mail has, from us to its one recipient."""
    stage.post.send(LETTER)
    (taken,) = stage.taken()
    assert LETTER.subject == taken["Subject"]
    assert LETTER.body == taken.get_content().replace("\r\n", "\n")
    assert [SENDER, LETTER.recipient, "<abc@example.org>", "auto-generated"] == [
        taken[name] for name in ("From", "To", "Message-ID", "Auto-Submitted")
    ]
    assert taken["Date"].datetime.timestamp() == 1_763_800_000


@pytest.mark.parametrize(
    ("recipient", "subject"),
    [
        ("ada@example.org\r\nBcc: all@example.org", "s"),
        ("ada@example.org\nBcc: all@example.org", "s"),
        ("ada@example.org", "s\r\nBcc: all@example.org"),
        ("ada@example.org", "s\n\nbody"),
        ("ada@example.org, all@example.org", "s"),
        ("", "s"),
        ("ada", "s"),
    ],
)
def test_nothing_becomes_a_header(stage: Stage, recipient: str, subject: str) -> None:
    """A letter that could is refused for ever, and nothing of it goes."""
    with pytest.raises(Denied):
        stage.post.send(Letter("abc", recipient, subject, "body"))
    assert stage.taken() == []


@pytest.mark.parametrize("eight_bits", [False, True])
@pytest.mark.parametrize("word", ["refs/tags/v*", "참조"])
def test_no_line_is_longer_than_servers_take(word: str, eight_bits: bool) -> None:
    """Who may write a long value into a project must not keep its people from hearing of it."""
    letter = Letter("abc", "ann@pypi.example", "A publisher was added", f"It is now:\n\n  Refs: {f'{word} ' * 999}\n", 1.0)
    made = message(letter, "index@pypi.example", eight_bits=eight_bits)
    assert max(map(len, made.as_bytes().split(b"\r\n"))) <= LONGEST_LINE
    assert letter.body == made.get_content().replace("\r\n", "\n")


def test_a_failing_post_says_later(stage: Stage) -> None:
    """And its error tells nothing of the letter."""
    stage.fail()
    with pytest.raises(Unreachable) as raised:
        stage.post.send(LETTER)
    assert "token" not in str(raised.value)
    assert "ada" not in str(raised.value)


def test_the_outbox_is_its_owners_alone(tmp_path: Path) -> None:
    """Folder and files: what is in them opens accounts. A letter that is sent twice is one file, which can be read as it is."""
    post = Outbox(tmp_path / "data" / "outbox", SENDER)
    post.send(LETTER)
    post.send(LETTER)
    (file,) = (tmp_path / "data" / "outbox").iterdir()
    assert LETTER.body.encode().replace(b"\n", b"\r\n") in file.read_bytes()
    assert (0o600, 0o700) == (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"rcpt": "550 no such user"}, Denied),
        ({"rcpt": "450 busy"}, Unreachable),
        ({"data": "554 spam"}, Denied),
        ({"data": "451 later"}, Unreachable),
        ({"auth": "535 wrong"}, Unreachable),
        ({"hello": "421 going"}, Unreachable),
    ],
)
def test_what_a_server_refuses(answers: dict[str, str], expected: type[Exception]) -> None:
    """For ever, or for now; and the password is in no error."""
    server = MailServer(answers=answers)
    try:
        with pytest.raises(expected) as raised:
            SmtpPost(Server("localhost", server.port, False, "user", "pass-canary"), SENDER, certificate().client).send(LETTER)
        assert "canary" not in repr(raised.value) + str(raised.value)
    finally:
        server.stop()
    assert server.taken == []


def test_never_without_encryption() -> None:
    """A server (or whoever sits in between) that offers no STARTTLS gets neither letter nor password."""
    server = MailServer(offers_tls=False)
    try:
        with pytest.raises(Unreachable):
            SmtpPost(Server("localhost", server.port, False, "user", "pass"), SENDER, certificate().client).send(LETTER)
    finally:
        server.stop()
    assert (server.taken, [line for line in server.heard if line.startswith(("AUTH", "MAIL"))]) == ([], [])


@pytest.mark.parametrize("implicit", [True, False])
def test_never_to_a_certificate_that_nobody_vouches_for(implicit: bool) -> None:
    """The usual trust of this machine does not know the one of the test."""
    server = MailServer(implicit=implicit)
    try:
        with pytest.raises(Unreachable):
            SmtpPost(Server("localhost", server.port, implicit), SENDER).send(LETTER)
    finally:
        server.stop()
    assert server.taken == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example", Server("mail.example", 587, False)),
        ("smtps://mail.example", Server("mail.example", 465, True)),
        ("smtp://ada%40example.org@mail.example:2525", Server("mail.example", 2525, False, "ada@example.org", "pw")),
        ("http://mail.example", None),
        ("smtp://", None),
        ("smtp://user:secret@mail.example", None),
        ("smtp://mail.example:x", None),
        ("mail.example", None),
    ],
)
def test_the_address_of_a_server(address: str, expected: Server | None) -> None:
    """Read from the settings; the password comes from the environment alone, and is shown nowhere."""
    environment = {"TRUSTPUB_SMTP_PASSWORD": "pw"} if "ada" in address else {}
    if expected is None:
        with pytest.raises(BadInput) as raised:
            server_of(address, environment)
        assert "secret" not in str(raised.value)
    else:
        assert expected == server_of(address, environment)
        assert "'pw'" not in repr(server_of(address, environment))
