"""``data update``: every stored series up to now."""

import click

from pipeline import options
from pipeline.app import App
from pipeline.commands.data import options as data_options
from pipeline.data_session import DataSession, data_session
from pipeline.data_update import Round, say_revisions, update_store, update_table, venue_progress
from pipeline.program import command_to
from pipeline.progress import progress_on


@click.command()
@data_options.symbols
@data_options.exchange
@data_options.timeframe
@data_options.limit_share
@options.quiet
@click.pass_context
def update(
    ctx: click.Context, symbols: tuple[str, ...], exchange: str | None, timeframe: str | None, limit_share: float | None, quiet: bool
) -> None:  # fmt: skip
    """Bring every stored series up to date, or only those of SYMBOL.

    The last hundred stored bars of each are asked for once more, so that what the venue has corrected meanwhile is noticed; it is
    recorded and shown as a revision. Trouble with one series or venue stops no other; the exit code is 1 then. Ctrl-C keeps everything
    that came.
    """
    share = [] if limit_share is None else ["--limit-share", str(limit_share)]
    app: App = ctx.obj
    with data_session(app, quiet=quiet) as session:
        chosen = session.chosen(data_options.listed(symbols), exchange, timeframe)
        if not chosen:
            session.screen.line(f"Nothing is stored yet. Get candles with: {command_to('data', 'fetch', 'BTCUSDT')}")
            return
        rows = _rows(session)
        session.interrupts.farewell = lambda: (
            f"Interrupted. {_rows(session) - rows:,} new candles are stored. Continue with: {command_to('data', 'update', *share)}"
        )
        with progress_on(session.screen) as report, session.interrupts.gently() as stop:
            done = update_store(session, lambda: chosen, stop=stop, on_progress=venue_progress(report))
        if not _show(session, done):
            ctx.exit(1)


def _rows(session: DataSession) -> int:
    return sum(info.rows for info in session.store.list())


def _show(session: DataSession, done: Round) -> bool:
    screen = session.screen
    screen.table(update_table(done))
    say_revisions(session, done)
    for series, trouble in done.troubles:
        screen.bad(f"{series}: {trouble}")
    failed = sum(bool(each.trouble) for each in done.updates)
    summary = f"{len(done.updates) - failed:,} of {len(done.wanted):,} series are up to date: {done.added:,} new bars."
    if failed:
        screen.bad(summary)
        return False
    screen.good(summary)
    return True
