"""``audit``: does a strategy look ahead."""

from pathlib import Path
from typing import Any

import click

from pipeline import options
from pipeline.app import App
from pipeline.audit_view import show_audit
from pipeline.auditing import audit_candles, audit_settings, save_audit
from pipeline.progress import progress_on
from pipeline.screen import Screen
from strategies import get_strategy, resolve_params, strategy_digest, strategy_label
from strategies.audit import DEFAULT_CUTS, audit_strategy


@click.command()
@click.argument("strategy")
@click.option("--candles", "file", type=click.Path(path_type=Path), metavar="FILE", help="A candle file to audit on.")
@options.candle_options
@click.option("--cuts", type=click.IntRange(1), default=DEFAULT_CUTS, show_default=True, help="Cut points at least.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=42, show_default=True, help="Seed that places the cuts.")
@click.option("--params", "assignments", multiple=True, metavar="NAME=VALUE", help="Set one parameter of the strategy. May be repeated.")
@options.quiet
@click.pass_context
def audit(
    ctx: click.Context, /, strategy: str, file: Path | None, cuts: int, seed: int, assignments: tuple[str, ...], quiet: bool, **values: Any
) -> None:
    """Check that STRATEGY, a name or a Python file of your own, does not look ahead.

    The future is cut off and replaced by other bars at many points; nothing that was said of the bars before may change. Without
    candles of your own, a year of the simulated market is used. Exit code 1 when a check fails.
    """
    app: App = ctx.obj
    screen = Screen(quiet=quiet)
    settings = audit_settings(strategy, assignments, options.overrides_of(values), file)
    found = get_strategy(strategy)
    params = resolve_params(found, settings.strategy)
    candles = audit_candles(app.paths, settings, file, screen)
    label = strategy_label(strategy)
    screen.heading(f"Auditing {label}")
    with progress_on(screen) as progress:
        result = audit_strategy(
            found, params, candles, cuts=cuts, seed=seed, label=label, digest=strategy_digest(strategy),
            on_progress=lambda done, total: progress.report("cuts", done, total),
        )  # fmt: skip
    show_audit(screen, result)
    screen.line(f"Saved: {save_audit(app.paths, result)}")
    if not result.passed:
        ctx.exit(1)
