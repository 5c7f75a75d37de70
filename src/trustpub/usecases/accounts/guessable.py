"""Passwords that are tried first, whatever their length.

Lists of leaked passwords hold next to none of twelve characters and more; those that they hold are made of the same few pieces:
a common word or two, a row of keys, a year, the name of the account. So it is the pieces that are listed here. What is left
without them has to be a password still.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEFT = 8
"""Characters that have to be left without the pieces."""
DISTINCT = 5
"""Different characters that have to be among them."""
SEEN = 200
PIECE = 3
"""Characters of the shortest piece about a person: shorter ones are in everything."""

_PIECES = """
password passwort passwd pass word parola senha motdepasse contrasena wachtwoord haslo biymilbeonho bimilbeonho qwerty
qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm azerty qwertz qazwsx qazwsxedc wsxedc edcrfv rfvtgb tgbyhn letmein welcome login
signin logon guest user username admin administrator root toor superuser sysadmin changeme default secret private master
access unlock open opensesame hello goodbye please thanks whatever nothing iloveyou loveyou lovely forever always baby
babygirl angel princess prince sunshine moonlight flower rainbow butterfly monkey dragon tiger lion eagle falcon phoenix wolf
shadow killer hunter ranger ninja samurai pirate wizard football baseball basketball soccer hockey tennis golf liverpool
chelsea arsenal barcelona juventus realmadrid superman batman spiderman ironman starwars pokemon pikachu naruto minecraft
fortnite matrix trustno starcraft michael jennifer jessica ashley daniel matthew andrew joshua jordan michelle charlie thomas
robert william george nicole maggie ginger buster pepper summer winter spring autumn monday tuesday wednesday thursday friday
saturday sunday january february march april june july august september october november december computer internet windows
linux ubuntu debian android iphone google facebook twitter instagram youtube amazon microsoft apple samsung github gitlab
python pypi package packages index publish upload trusted trustpub token server service database network system security
secure company corporate office test testing tester temp temporary demo example sample correcthorsebatterystaple correct
horse battery staple money dollar bitcoin crypto lucky number seven love peace freedom happy smile music guitar rockstar
metallica chocolate cookie coffee cheese orange banana purple yellow silver golden diamond jesus christ heaven blessed
blessing faith angels church mustang ferrari porsche mercedes corvette harley yamaha america canada england france germany
korea seoul busan japan tokyo china saranghae saranghaeyo annyeong annyeonghaseyo daehanminguk hanguk
"""
COMMON = tuple(_PIECES.split())
"""What passwords of people are made of who do not want to think of one, in the languages of our pages and a few others."""

_PLAIN = str.maketrans("@4031!$57|", "aaoeiisstl")
_RUNS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm")
_RUN = 3
_WORDS = re.compile(r"[^\W_]+")


def guessable(password: str, about: Iterable[str] = ()) -> bool:
    """Whether little is left of a password without common words, rows of keys, years, repetitions, and what is `about` its owner.

    Looks at its first `SEEN` characters, so that no password makes this slow.
    """
    text = password[:SEEN].lower()
    own = {piece for each in about for piece in (each.lower(), *_WORDS.findall(each.lower())) if len(piece) >= PIECE}
    pieces = sorted({*own, *map(_plainly, own), *COMMON}, key=len, reverse=True)
    return any(_too_little(each, pieces) for each in (text, _plainly(text)))


def _plainly(text: str) -> str:
    """The letters that stand behind usual replacements: `p@ssw0rd`."""
    return text.translate(_PLAIN)


def _too_little(text: str, pieces: Iterable[str]) -> bool:
    for piece in pieces:
        text = text.replace(piece, "\0")
    left = _without_runs(re.sub(r"(19|20)[0-9]{2}", "\0", text)).replace("\0", "")
    return len(left) < LEFT or len(set(left)) < DISTINCT


def _without_runs(text: str) -> str:
    """Let a run of neighbours (`12345`, `hgfds`) or of one character count as its first character."""
    kept: list[str] = []
    position = 0
    while position < len(text):
        kept.append(text[position])
        end = position + _RUN
        while end <= len(text) and _is_run(text[position:end]):
            end += 1
        position = end - 1 if end > position + _RUN else position + 1
    return "".join(kept)


def _is_run(text: str) -> bool:
    return len(set(text)) == 1 or any(text in run or text[::-1] in run for run in _RUNS)
