"""``data schedule``: a daemon that keeps the store up to date."""

import click

from exchanges import ExchangeManager
from pipeline.app import App
from pipeline.data_schedule import keep_updated
from pipeline.data_session import data_session
from pipeline.update_clock import parse_period


@click.command()
@click.option("--every", default="1h", show_default=True, help="How often: 5m, 1h, 1d ...; 1m to 7d.")
@click.option("--exchange", help="Only this exchange's series.")
@click.pass_obj
def schedule(app: App, /, every: str, exchange: str | None) -> None:
    """Bring every stored series up to date at once, and then at every full period, until stopped.

    Rounds begin five seconds after a full period of UTC, when the bars that just closed can be had. Each is one line. A venue that
    fails is asked again in the next round. SIGTERM (exit code 143) and Ctrl-C (130) end it within seconds, also in the middle of a round;
    everything that came is stored. One such process can run on a data folder.
    """
    period_ms = parse_period(every)
    with data_session(app, quiet=True) as session:
        venue = None if exchange is None else ExchangeManager().get(exchange, app.paths).name
        keep_updated(session, period_ms, venue)
