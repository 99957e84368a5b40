"""A group of commands that are imported only when they are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from core.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command, or what commands need, is (``module:attribute``) and its one-line help."""

    target: str
    summary: str

    def load(self) -> Any:
        """Import and return it."""
        module, _, attribute = self.target.partition(":")
        return getattr(import_module(module), attribute)


class LazyGroup(click.Group):
    """A group whose commands come from a table, so that its help needs none of what they need."""

    def __init__(self, *arguments: Any, table: Mapping[str, Entry], beside: Entry | None = None, **named: Any) -> None:
        """Take the commands by name, in the order in which help lists them.

        ``beside`` is imported with any command that does something, also with those of groups below this one.
        """
        super().__init__(*arguments, **named)
        self.table, self.beside = table, beside

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, None when there is none of that name."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = entry.load()
        top = ctx.find_root().command
        if isinstance(top, LazyGroup) and top.beside is not None and not isinstance(command, click.Group):
            top.beside.load()
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Offer the nearest name for an unknown command."""
        if not args[0].startswith("-") and args[0] not in self.table:
            ctx.fail(f"there is no command '{args[0]}'.{did_you_mean(args[0], self.table)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.table.items()])
