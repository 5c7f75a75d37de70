"""`trustpub admin user`: accounts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.opened import answer, managing, operating, output_format

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings


@click.group("user")
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("name")
@click.option("--email", required=True, help="Where the person can be reached.")
@click.option("--password-stdin", is_flag=True, help="Read a password from the first line of standard input.")
@click.option("--admin", is_flag=True, help="Let this account manage the whole index.")
@output_format
@click.pass_obj
def add(settings: ServerSettings, name: str, email: str, password_stdin: bool, admin: bool, output: str) -> None:
    """Create an account. Without a password it can hold tokens, but not sign in."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with managing(settings) as manage:
        made = manage.add_user(name, email, password=password, admin=admin)
    answer(output, {"user": made.name, "email": made.email, "admin": made.admin}, f"user `{made.name}` was added")


@user.command("list")
@output_format
@click.pass_obj
def list_users(settings: ServerSettings, output: str) -> None:
    """List every account."""
    with operating(settings) as operate:
        found = operate.users()
    marks = [[word for word, true in (("admin", each.admin), ("closed", not each.active)) if true] for each in found]
    text = "\n".join("  ".join([each.name, each.email, *words]) for each, words in zip(found, marks, strict=True))
    rows: list[JSON] = [{"user": each.name, "email": each.email, "admin": each.admin, "active": each.active} for each in found]
    answer(output, {"users": rows}, text)


@user.command("close")
@click.argument("name")
@output_format
@click.pass_obj
def close(settings: ServerSettings, name: str, output: str) -> None:
    """Let nobody act as NAME any more: its sessions end, its tokens are revoked. What it made stays."""
    with operating(settings) as operate:
        found = operate.close_account(name)
    answer(output, {"user": found.name, "active": False}, f"user `{found.name}` is closed; its sessions and tokens have ended")


@user.command("open")
@click.argument("name")
@output_format
@click.pass_obj
def open_again(settings: ServerSettings, name: str, output: str) -> None:
    """Let a closed account be used again; its tokens stay revoked."""
    with operating(settings) as operate:
        found = operate.open_account(name)
    answer(output, {"user": found.name, "active": True}, f"user `{found.name}` is open")


@user.command("reset-second-factor")
@click.argument("name")
@output_format
@click.pass_obj
def reset_second_factor(settings: ServerSettings, name: str, output: str) -> None:
    """Take every second factor from NAME, who has lost them all. Make sure first that it is them who ask."""
    with operating(settings) as operate:
        found = operate.reset_second_factor(name)
    answer(output, {"user": found.name, "second_factor": False}, f"user `{found.name}` has no second factor; its sessions ended")
