"""What a browser calls itself, in a word or two: for the list of sessions, where people look for what they do not know."""

from __future__ import annotations

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Whale/", "Whale"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Marks of browsers, each before those that it carries as well."""
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_named(agent: str) -> str:
    """`Firefox, Linux`; as much as is known, and the whole text of a program that is no browser."""
    known = [name for marks in (BROWSERS, SYSTEMS) for name in [_first(agent, marks)] if name]
    return ", ".join(known) if agent.startswith("Mozilla/") and known else agent


def _first(agent: str, marks: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in marks if mark in agent), "")
