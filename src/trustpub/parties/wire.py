"""One HTTP request and its answer, as values: what a party's client needs of the world, so that a fake is one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. Headers may carry a secret, so they stay out of the repr; so does the body."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Header names are in lower case. Redirects are answers like any other: nobody has followed them."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


Send: TypeAlias = Callable[[Request], Response]
"""Sends one request and returns the whole answer. Raises `Unreachable` when there was none."""
