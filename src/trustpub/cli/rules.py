"""`trustpub rules`: what `check` looks for, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from trustpub.domain.findings import Rule


def _completed(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Offer the codes that begin like this, with what each is about."""
    from click.shell_completion import CompletionItem

    from trustpub.usecases.rules import every_rule

    return [CompletionItem(rule.code, help=rule.title) for rule in every_rule() if rule.code.startswith(begun.upper())]


@click.command("rules")
@click.argument("code", required=False, shell_complete=_completed)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to report.")
def command(code: str | None, form: str) -> int:
    """List the rules of `check`, or explain the one with this CODE (or name)."""
    from trustpub.usecases.rules import every_rule, find_rule

    if code is not None:
        rule = find_rule(code)
        click.echo(_json(rule) if form == "json" else _explained(rule), nl=False)
        return 0
    rules = every_rule()
    click.echo(_json(rules) if form == "json" else _listed(rules), nl=False)
    return 0


def _json(rules: Rule | tuple[Rule, ...]) -> str:
    from trustpub.cli.render.json import to_json
    from trustpub.domain.findings import Rule

    return to_json(rules._asdict() if isinstance(rules, Rule) else {"rules": [rule._asdict() for rule in rules]})


def _listed(rules: tuple[Rule, ...]) -> str:
    width = max(len(rule.name) for rule in rules)
    lines = [f"{rule.code}  {rule.severity:<7}  {rule.name:<{width}}  {rule.title}" for rule in rules]
    return "\n".join([*lines, "", "trustpub rules CODE explains one."]) + "\n"


def _explained(rule: Rule) -> str:
    from trustpub.cli.render.text import labelled

    rows = (("Why", rule.why), ("What to do", rule.help), ("Source", rule.source))
    lines = [f"{rule.code} {rule.name} ({rule.severity} at most)", *labelled("", rule.title, 0), ""]
    lines += [line for label, words in rows for line in labelled(label, words, 12)]
    lines += ["", *labelled("", f"To live with it: # trustpub: ignore[{rule.code}] and the reason, on its line or above it.", 0)]
    return "\n".join(lines) + "\n"
