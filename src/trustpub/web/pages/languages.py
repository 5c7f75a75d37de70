"""Which language a page is in: the person's own choice, else what their browser asks for."""

from __future__ import annotations

LANGUAGES = {"en": "English", "ko": "한국어"}
"""Tag to the language's own name."""
DEFAULT = "en"


def language(chosen: str, cookie: str, accept: str) -> str:
    """The language of an answer: what the account says, then what was chosen in this browser, then `Accept-Language`."""
    for told in (chosen, cookie):
        if told in LANGUAGES:
            return told
    return preferred(accept)


def preferred(accept: str) -> str:
    """The best of ours by an `Accept-Language` header; whatever cannot be read in it counts for nothing."""
    best, weight = DEFAULT, 0.0
    for part in accept[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        own = tag.strip().lower().partition("-")[0]
        quality = _quality(parameter)
        if own in LANGUAGES and quality > weight:
            best, weight = own, quality
    return best


def _quality(parameter: str) -> float:
    name, _, told = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(told) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
