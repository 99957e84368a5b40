"""``data``: the candle store by hand. Like the main table, this one imports a command only when it is called."""

from collections.abc import Mapping

import click

from pipeline.lazy_group import Entry, LazyGroup

COMMANDS: Mapping[str, Entry] = {
    "fetch": Entry("pipeline.commands.data.fetch:fetch", "Get candles from a venue: only those that are not stored yet."),
    "top": Entry("pipeline.commands.data.top:top", "List the symbols with the largest traded value of 24 hours."),
    "info": Entry("pipeline.commands.data.info:info", "Show what is stored, and the quality of a symbol's candles."),
    "verify": Entry("pipeline.commands.data.verify:verify", "Check every stored byte and name what is damaged."),
    "repair": Entry("pipeline.commands.data.repair:repair", "Set damaged files aside and get just those candles again."),
    "import": Entry("pipeline.commands.data.importing:import_", "Store the candles of a file as those of a venue."),
    "clear": Entry("pipeline.commands.data.clear:clear", "Remove stored candles."),
    "update": Entry("pipeline.commands.data.update:update", "Bring every stored series up to date."),
    "schedule": Entry("pipeline.commands.data.schedule:schedule", "Keep doing so at an interval, until stopped."),
    "watch": Entry("pipeline.commands.data.watch:watch", "Print candles as they close, and store them."),
}


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@click.pass_context
def data(ctx: click.Context) -> None:
    """Look after the stored candles: fetch, check, repair, import, remove.

    Everything a venue ever sent is kept under data/cache/candles and never asked for again.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)
