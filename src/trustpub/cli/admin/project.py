"""`trustpub admin project`: projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.opened import answer, managing, operating, output_format

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings


@click.group("project")
def project() -> None:
    """Projects."""


@project.command("list")
@output_format
@click.pass_obj
def list_projects(settings: ServerSettings, output: str) -> None:
    """List every project with its owners."""
    with managing(settings, existing=True) as manage:
        found = manage.projects()
    rows: list[JSON] = [
        {"name": each.name, "state": each.state, "serial": each.serial, "owners": [*owners]} for each, owners in found
    ]
    text = "\n".join(f"{each.name}  {each.state}  {', '.join(owners) or 'no owner'}" for each, owners in found)
    answer(output, {"projects": rows}, text)


@project.command("quarantine")
@click.argument("name")
@click.option("--reason", default="", help="Shown to readers, and mailed to the project's people.")
@output_format
@click.pass_obj
def quarantine(settings: ServerSettings, name: str, reason: str, output: str) -> None:
    """Hide every file of NAME, and let nobody change it, until it is released."""
    with operating(settings) as operate:
        found = operate.quarantine(name, reason)
    answer(output, {"project": found.name, "state": "quarantined"}, f"project `{found.name}` is quarantined")


@project.command("release")
@click.argument("name")
@output_format
@click.pass_obj
def release(settings: ServerSettings, name: str, output: str) -> None:
    """End the quarantine of NAME."""
    with operating(settings) as operate:
        found = operate.release(name)
    answer(output, {"project": found.name, "state": "active"}, f"project `{found.name}` is active")


@project.command("free-name")
@click.argument("name")
@output_format
@click.pass_obj
def free_name(settings: ServerSettings, name: str, output: str) -> None:
    """Let the NAME of a deleted project be registered again, by anybody."""
    with operating(settings) as operate:
        operate.free_name(name)
    answer(output, {"name": name, "free": True}, f"the name `{name}` may be registered")
