"""Hide what looks like a password or a token in lines that are shown: a report is read by more people than the file.

Every hidden character becomes one star, so that columns stay what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern

if TYPE_CHECKING:
    import re

_TOKEN = lazy_pattern(r"(?:pypi-|gh[opsur]_|github_pat_|glpat-|npm_|A[KS]IA|eyJ)([\w.-]{12,})|://[^/\s:@$]+:([^/\s@$]+)@")
"""What issuers of tokens write in front of them, so that they can be found; and passwords in addresses."""
_NAMED = lazy_pattern(
    r"(?i)\b[\w-]*(?:password|passwd|token|api[_-]?key)[\"']?\s*[:=]\s*[\"']?([^\s\"'#$<>{}|&;()*,]{6,})"
    r"|--password[ =][\"']?([^\s\"'$]{4,})|\btwine\b.*\s-p[ =]?[\"']?([^\s\"'$]{4,})"
)
"""A value that stands where only secrets stand. A variable or an expression is no value."""


def hidden(text: str) -> str:
    """Return the text with stars for what looks like a secret, as long as it was."""
    lower = text.lower()
    if any(word in lower for word in ("pass", "token", "key", "twine")):
        text = _NAMED.sub(_stars, text)
    if any(word in text for word in ("pypi-", "gh", "glpat-", "npm_", "IA", "eyJ", "://")):
        text = _TOKEN.sub(_stars, text)
    return text


def _stars(found: re.Match[str]) -> str:
    """Put stars in the place of the group that was found."""
    number = found.lastindex or 0
    start, end = found.start(number) - found.start(), found.end(number) - found.start()
    return f"{found[0][:start]}{'*' * (end - start)}{found[0][end:]}"
