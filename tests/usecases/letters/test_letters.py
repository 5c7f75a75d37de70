"""What mails say: the same in both languages, one link at most, and nothing that a value could add."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter

import pytest

from trustpub.usecases.letters import LETTERS, MEMBERS, WHY, letter
from trustpub.usecases.letters.words import WORDS

URL = "https://index.example"
HANGUL = re.compile("[가-힣]")


def values(kind: str, column: int = 0) -> dict[str, str]:
    """Every value that a letter takes, each by its own name; its link is one of ours."""
    names = {name for _, name, _, _ in Formatter().parse(LETTERS[kind][column]) if name}
    return {**{name: f"<{name}>" for name in names}, "link": f"{URL}/x", "project": "orchay"}


@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_says_the_same_in_both_languages(kind: str) -> None:
    """A line for the subject and a body, with the same values and the same link, each in its own language."""
    for text in (*LETTERS[kind], *WHY):
        assert not re.search(r"https?:|[ \t]\n", text)
    english, korean = LETTERS[kind]
    assert values(kind, 0) == values(kind, 1)
    assert [text.count("{link}") for text in LETTERS[kind]] in ([0, 0], [1, 1])
    assert [text.count("{rows}") for text in LETTERS[kind]] in ([0, 0], [1, 1])
    assert not HANGUL.search(english)
    for text in (english, korean):
        subject, empty, body = text.split("\n", 2)
        assert (empty, "{link}" in subject, body.startswith("\n")) == ("", False, False)
    assert HANGUL.search(korean.partition("\n")[0])
    assert HANGUL.search(korean.partition("\n\n")[2])


@pytest.mark.parametrize("kind", LETTERS)
def test_mails_lead_to_our_own_address(kind: str) -> None:
    """The only link in a letter is the one that it was given; nothing is left to be put in; whoever did not ask is told why."""
    for language in ("", "en", "ko", "ko-KR", "tlh"):
        text = letter(kind, language, values(kind), (("reason", "because"), ("issuer", "")))
        assert "{" not in text.subject + text.body
        assert "\n" not in text.subject
        assert [f"{URL}/x"] * LETTERS[kind][0].count("{link}") == re.findall(r"https?://\S+", text.body)
        assert ("\n\n\n" in text.body, text.body.endswith(("\n\n", " "))) == (False, False)
        assert (kind in MEMBERS) == (WHY[language.startswith("ko")].format(project="orchay") in text.body)
        assert bool(HANGUL.search(text.body)) == language.startswith("ko")


def test_every_mail_that_is_sent_has_a_letter() -> None:
    """And every change its words: what the use cases name is in the catalogue, and nothing is in it that no mail says."""
    named = {
        name
        for folder in ("accounts", "projects", "publishing", "")
        for each in files("trustpub.usecases").joinpath(folder).iterdir()
        if each.name.endswith(".py")
        for name in re.findall(r'"([a-z]+(?:-[a-z]+)*)"', each.read_text("utf-8"))
    }
    unnamed = {"archived", "quarantined", "active", "yanked", "unyanked"}  # by the state, or the event's last word
    assert set(LETTERS) - named - unnamed == set()
    changes = {name.partition(".")[2] for name in WORDS if name.startswith("change.")}
    assert changes - named - {"closed", "opened"} == set()


def test_words_are_translated_and_names_are_not() -> None:
    """A role is a word, whoever is called like one is not; the operator is called what they are."""
    said = {"by": "operator", "user": "owner", "role": "owner", "before": "maintainer", "project": "owner"}
    english, korean = letter("role-changed", "en", said), letter("role-changed", "ko", said)
    assert "Whoever runs the server made owner owner of the project owner. Before: maintainer." in english.body
    assert "서버 운영자 님이 owner 님을 owner 프로젝트의 소유자로 바꾸었습니다. 이전 역할: 관리자." in korean.body


def test_no_value_starts_a_line_or_turns_the_text() -> None:
    """Line ends and marks of direction in what somebody typed are blanks."""
    said = {"by": "ann", "project": "orchay", "version": "1.0"}
    text = letter("yanked", "en", said, (("reason", "bad\r\n\nhttps://evil.example\u202e\u2028x"),))
    (line,) = [line for line in text.body.splitlines() if "evil" in line]
    assert line == "  Reason: bad   https://evil.example  x"


def test_rows_are_named_in_the_language_of_the_mail() -> None:
    """What nobody gave is left out, and a claim that only its issuer knows keeps its name."""
    rows = (("repository_owner", "octo"), ("environment", ""), ("team", "blue"))
    said = {"by": "ann", "project": "orchay"}
    assert "\n\n  Owner: octo\n  team: blue\n\n" in letter("publisher-added", "en", said, rows).body
    assert "\n\n  소유자: octo\n  team: blue\n\n" in letter("publisher-added", "ko", said, rows).body


def test_every_word_is_there_twice() -> None:
    """In English and in Korean."""
    for key, (english, korean) in WORDS.items():
        assert (key, bool(english), bool(HANGUL.search(korean))) == (key, True, True)
