"""Claims that somebody pasted: a JSON object, or a whole ID token, of which only the middle is read.

A token's signature makes it worth something until it expires, so nothing of it but its payload goes any further: it is neither
kept nor shown again.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode

_TOKEN = re.compile(r"[A-Za-z0-9_=-]+(?:\.[A-Za-z0-9_=-]*){1,4}", re.ASCII)
INDENT = 2


def claims_of(pasted: str) -> str:
    """The claims as JSON text, laid out to be read; empty when there are none in what was pasted."""
    text = pasted.strip().removeprefix("Bearer ").strip()
    joined = "".join(text.split())
    if _TOKEN.fullmatch(joined):
        text = _payload(joined)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return json.dumps(value, indent=INDENT, ensure_ascii=False) if isinstance(value, dict) else ""


def _payload(token: str) -> str:
    """The second part of a token, decoded; empty when it is none."""
    part = token.split(".")[1].rstrip("=")
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
