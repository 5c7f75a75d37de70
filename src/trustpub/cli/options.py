"""A command's options as one table. Two parsers are made of it: click's, and the quick one that needs no click (`quick.py`).

Importing click costs as much as checking a repository, so ordinary command lines do without it. Everything that a person has to
be told (help, a misspelt option, a wrong value, completion) is click's to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

Value: TypeAlias = "str | bool | None"


class Option(NamedTuple):
    """One option. `name` is the parameter that gets its value, `flag` what is typed.

    A `switch` takes no value and is false unless it is typed. Without `choices` any text is a value.
    """

    name: str
    flag: str
    help: str
    choices: tuple[str, ...] = ()
    default: str | None = None
    switch: bool = False


class Table(NamedTuple):
    """One command line: its name, what help says about it, its one optional argument, and its options.

    A command that asks parties outside is `launched`: what it runs gets the launchers too, by that name.
    """

    command: str
    about: str
    argument: str
    argument_default: str
    options: tuple[Option, ...]
    launched: bool = False

    def defaults(self) -> dict[str, Value]:
        """Return every parameter's value when nothing is typed."""
        values: dict[str, Value] = {self.argument: self.argument_default}
        return values | {option.name: False if option.switch else option.default for option in self.options}


ASKED = (
    Option("index", "--index", "Only uploads to this index: pypi, testpypi, or one of trustpub.toml."),
    Option("workflow", "--workflow", "Only this workflow file."),
    Option("job", "--job", "Only this job."),
    Option("event", "--event", "Only this event, for example push, release or workflow_dispatch."),
    Option("package", "--package", "Only uploads of the package in this folder."),
)
"""What every command takes that reads a checkout: which of its uploads are meant."""


def click_command(table: Table, call: Callable[..., int]) -> click.Command:
    """Make click's command of a table: the one that helps, completes and complains."""
    import click

    if table.launched:
        call = _with_launchers(call)
    params: list[click.Parameter] = [click.Argument([table.argument], default=table.argument_default)]
    for option in table.options:
        words = [option.flag, option.name]
        if option.switch:
            params.append(click.Option(words, is_flag=True, help=option.help))
        else:
            kind = click.Choice(option.choices) if option.choices else click.STRING
            shown = option.default is not None
            params.append(click.Option(words, type=kind, default=option.default, show_default=shown, help=option.help))
    return click.Command(table.command, params=params, callback=call, help=table.about)


def _with_launchers(call: Callable[..., int]) -> Callable[..., int]:
    import click

    @click.pass_obj
    def launched(launchers: object, /, **values: Value) -> int:
        return call(launchers=launchers, **values)

    return launched
