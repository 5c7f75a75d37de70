"""Publishers of an index without an API for them: the person registers them on the index's own page, and says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from trustpub.domain.forms import Account, validate
from trustpub.domain.pending import PENDING_DAYS
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.usecases.setup.ask import Card, Field
from trustpub.usecases.setup.names import shown
from trustpub.usecases.setup.order import MOST_PENDING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.usecases.setup.ask import Ask
    from trustpub.usecases.setup.step import Change

_LABELS = {
    Provider.GITHUB: (
        ("owner", "Owner"),
        ("repository", "Repository name"),
        ("workflow_filename", "Workflow name"),
        ("environment", "Environment name"),
    ),
    Provider.GITLAB: (
        ("namespace", "Namespace"),
        ("project", "Project name"),
        ("workflow_filepath", "Top-level pipeline file path"),
        ("environment", "Environment name"),
        ("issuer_url", "Issuer URL"),
    ),
}
"""The fields of each form, in its order: by the name that the page takes, and by the label that people see."""


def form_of(row: DeclaredPublisher) -> dict[str, str]:
    """Return what goes into the form, by its own names, without the blanks that a copied value may bring along."""
    place = [row.owner, row.repository, row.workflow, row.environment]
    if row.provider is Provider.GITLAB:
        place.append(row.issuer or DEFAULT_ISSUERS[Provider.GITLAB])
    return {name: value.strip() for (name, _), value in zip(_LABELS[row.provider], place, strict=True)}


def refused(row: DeclaredPublisher) -> str:
    """Say why the index's form would not take this publisher; empty when it would."""
    home = DEFAULT_ISSUERS[row.provider]
    if row.issuer not in ("", home):
        return f"{shown(row.index)} takes no ID tokens of `{row.issuer}` here: publish to an index of your own, or from `{home}`"
    result = validate(row.provider, form_of(row), github_user=Account(row.owner, row.owner_id or "0"))
    told = (f"`{name}`: {' '.join(problems)}" for name, problems in result.errors.items())
    return "; ".join(told)


def project_page(web: str, row: DeclaredPublisher) -> str:
    """Return the address of a project's publishing page with the form filled in. `web` ends with a slash."""
    filled = urlencode({"provider": str(row.provider), **form_of(row)}, quote_via=quote)
    return f"{web}manage/project/{quote(row.project, safe='')}/settings/publishing/?{filled}"


def account_page(web: str) -> str:
    """Return the address of the page on which an account registers pending publishers. No link can fill in its form."""
    return f"{web}manage/account/publishing/"


def card(row: DeclaredPublisher, web: str, about: str, *, pending: bool, today: date) -> Card:
    """Make the card of a publisher, in the order of the form; `web` is empty where the index's pages are not known.

    `about` is what is known of the project, in sentences.
    """
    values = form_of(row)
    fields = [Field(label, values[name], _note(row, name)) for name, label in _LABELS[row.provider]]
    where = shown(row.index)
    if not web:
        state = "pending publisher" if pending else "publisher"
        return Card(f"Register it as a {state} of `{row.project}` on {where}", "", tuple(fields))
    if not pending:
        title = f"Publisher of `{row.project}` on {where}"
        notes = (about, "The page comes filled in, and says so: compare each field, then press its button to add.")
        return Card(title, project_page(web, row), tuple(fields), notes, filled=True)
    title = f"Pending publisher of `{row.project}` on {where}"
    fields.insert(0, Field("PyPI project name", row.project.strip()))
    return Card(title, account_page(web), tuple(fields), (about, *traps(row, today)))


def _note(row: DeclaredPublisher, name: str) -> str:
    if name == "owner" and row.owner_id:
        return f"GitHub's number of this account is {row.owner_id}: the index looks it up by the name"
    if name == "environment" and not row.environment.strip():
        return "leave it empty: any environment will do"
    return ""


def traps(row: DeclaredPublisher, today: date) -> tuple[str, ...]:
    """Say what a pending publisher is not, before somebody relies on it."""
    from datetime import timedelta

    gone = (today + timedelta(days=PENDING_DAYS)).isoformat()
    where = f" in the environment `{row.environment}`" if row.environment else ""
    return (
        f"It does not reserve the name: whoever makes a project `{row.project}` first has it.",
        f"It is removed after {PENDING_DAYS} days, on {gone}, unless it was used: make the first release before.",
        f"An account has {MOST_PENDING} pending publishers at most, those for other repositories included.",
        f"The first exchange makes the project, even when no upload follows: any job of `{row.workflow}`{where} can do that.",
    )


@dataclass(slots=True)
class Guide:
    """Leads a person through one registration. What they said is kept until it is read back; the file keeps it for good."""

    card: Card
    stated: DeclaredPublisher
    changes: tuple[Change, ...]
    ask: Ask
    state: Callable[[DeclaredPublisher], None]
    said: bool | None = field(default=None)

    def apply(self) -> None:
        """Show the card, ask whether it is done, and write down that it is."""
        self.ask.card(self.card)
        self.said = self.ask.says(f"Does {shown(self.stated.index)} list this publisher now?")
        if self.said:
            self.state(self.stated)
        elif self.said is None:
            self.ask.tell("Nobody is here to say so: nothing was written. Run `trustpub setup` at a terminal.")
        else:
            self.ask.tell("Nothing was written. Run `trustpub setup` again once it is registered.")

    def read_back(self) -> tuple[Change, ...] | None:
        """Return what is not done: only a person can see this index's publishers."""
        return None if self.said else self.changes
