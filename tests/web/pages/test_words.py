"""The catalogue of words: both languages whole, and nothing asked for that it does not have."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter

from trustpub.web.pages.words import WORDS, problem_said, said, with_code
from trustpub.web.pages.words.refusals import REFUSALS

TEMPLATES = files("trustpub.web").joinpath("templates")
CODE = re.compile(r"""(?:not_done\(\s*[0-9]+,\s*|Problem\()"([a-z-]+)\"""")
KIND = re.compile(r"""\"((?:account|api-token):[a-z-]+)\"""")
ASKED = re.compile(r"""\bt\(\s*"([a-z0-9.-]+)"\s*[,)]""")


def placeholders(text: str) -> list[str]:
    """The values that a text takes."""
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})


def tags(text: str) -> list[str]:
    """The marks in a text."""
    return sorted(re.findall(r"</?[a-z]+", text))


def test_a_text_says_the_same_in_both_languages() -> None:
    """Neither is missing, and both take the same values in the same markup."""
    for key, (english, korean) in WORDS.items():
        assert (key, bool(english.strip())) == (key, bool(korean.strip()))
        assert (key, placeholders(english)) == (key, placeholders(korean))
        assert (key, tags(english)) == (key, tags(korean))


def test_every_text_that_a_template_asks_for_is_there() -> None:
    """And templates hold no words of their own between their marks."""
    asked = {
        key
        for folder in (TEMPLATES, *(each for each in TEMPLATES.iterdir() if each.is_dir()))
        for template in folder.iterdir()
        if template.name.endswith(".html")
        for key in ASKED.findall(template.read_text("utf-8"))
    }
    assert len(asked) > 100
    assert asked - set(WORDS) == set()


def test_every_problem_and_event_of_accounts_has_words() -> None:
    """What their use cases may answer, and what they write into the log."""
    sources = [each.read_text("utf-8") for each in files("trustpub.usecases.accounts").iterdir() if each.name.endswith(".py")]
    codes = {code for source in sources for code in CODE.findall(source)}
    kinds = {kind for source in sources for kind in KIND.findall(source)}
    assert len(codes) > 20
    assert len(kinds) > 10
    assert {f"problem.{code}" for code in codes} - set(WORDS) == set()
    assert {f"event.{kind}" for kind in kinds} - set(WORDS) == set()


def test_values_are_escaped() -> None:
    """A name is a text, whatever it holds."""
    assert "&lt;b&gt;" in said("en", "shell.footer", index="<b>")


def test_what_stands_in_backticks_is_code() -> None:
    """In a use case's sentence; markup in it is text, and a backtick alone stays one."""
    assert str(with_code("use `a<b`, not `c`.")) == "use <code>a&lt;b</code>, not <code>c</code>."
    assert str(with_code("one ` alone")) == "one ` alone"


def test_a_problem_without_words_of_its_own_is_said_as_it_came() -> None:
    """Better English than nothing."""
    assert problem_said("ko", "no-such-code", "Something.") == "Something."


def test_a_problem_at_its_field_is_a_sentence_without_the_name_of_the_field() -> None:
    """Programs need the name; on a page it stands beside its field."""
    assert problem_said("en", "invalid-field", "`owner_id`: give a number", "owner_id") == "Give a number."
    assert problem_said("en", "invalid-field", "`other`: give it", "owner_id") == "<code>other</code>: give it."


def test_a_refusal_keeps_its_values_in_korean() -> None:
    """By its sentence, one or several, also behind the name that it is about."""
    assert "<code>orchay</code>" in problem_said("ko", "x", "`to`: the project is `orchay`'s alone already", "to")
    assert "12분" in problem_said("ko", "too-many-tries", "That was tried too often. Try again in 12 minutes.")
    assert problem_said("ko", "x", "`bad-`: Invalid project name").startswith("<code>bad-</code>: 프로젝트")
    both = problem_said("ko", "x", "A workflow's file name ends in .yml or .yaml. Give the file's name only, without its folder")
    assert both.count(".") >= 2
    assert "Give" not in both


def test_a_refusal_in_korean_takes_no_value_that_the_english_has_not() -> None:
    """And no two are told apart by values alone."""
    for english, korean in REFUSALS.items():
        assert set(re.findall(r"{([a-z]+)}", korean)) <= set(re.findall(r"{([a-z]+)}", english)), english
        assert re.search("[가-힣]", korean), english
