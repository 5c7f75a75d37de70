"""A report as one page that stands alone: no script, no address outside, light and dark, for keyboards and readers alike."""

from __future__ import annotations

from html import escape

STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--soft:#5a5f67;--line:#d5d9df;--panel:#f6f7f9}
:root{--yes:#1a7f37;--no:#c62828;--never:#6b7078;--warn:#8a5a00;--link:#1f6feb;--mark:#c6282818}
@media(prefers-color-scheme:dark){
:root{--bg:#14171b;--fg:#e7e9ec;--soft:#a2a8b1;--line:#353b43;--panel:#1c2127}
:root{--yes:#57c478;--no:#ff7b72;--never:#8f96a0;--warn:#e3b341;--link:#79b8ff;--mark:#ff7b7226}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:1.5rem 1rem 4rem}
body{background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.2rem;margin:2.5rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .4rem}
p.verdict{padding:.6rem .9rem;border-left:.3rem solid;border-radius:.2rem;background:var(--panel);font-weight:600}
.yes{color:var(--yes)}.no{color:var(--no)}.never{color:var(--never)}.soft{color:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
thead th{border-bottom-width:2px;white-space:nowrap}tbody th{font-weight:500}
code,pre{font-family:ui-monospace,monospace;font-size:.88em}
pre{background:var(--panel);padding:.7rem;overflow-x:auto;border-radius:.3rem}
summary{cursor:pointer;color:var(--soft)}
"""
"""What every page looks like."""


def page(title: str, body: str, style: str = "") -> str:
    """Build a page around finished HTML. It forbids itself every script and every request."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head><body><main>{body}</main></body></html>\n"
    )
