"""An audit as the terminal shows it: what was looked at, each check, the verdict."""

from core.clock import format_utc
from pipeline.screen import Screen
from pipeline.tables import TableData, cell
from strategies.audit import AuditResult


def show_audit(screen: Screen, result: AuditResult) -> None:
    """Write the whole result; in quiet mode the checks that failed and the verdict."""
    origin = " (synthetic)" if result.synthetic else ""
    market, span = f"{result.exchange} {result.symbol} {result.timeframe}{origin}", (result.start_ms, result.end_ms)
    screen.detail(f"{market}: {cell(result.bars)} candles, {cell(result.signals)} signals, warm-up {cell(result.warmup)} bars")
    screen.detail(f"{' to '.join(format_utc(ms) for ms in span)} UTC, seed {result.seed}")
    rows = tuple((check.state, check.title, cell(check.points), check.text) for check in result.checks)
    screen.table(TableData("Look-ahead audit", ("", "check", "compared", "found"), rows, (0, 1, 3)))
    if screen.quiet:
        for check in result.checks:
            if not check.passed:
                screen.line(f"failed: {check.title}: {check.text}")
    (screen.good if result.passed else screen.bad)(f"Verdict for {result.strategy}: {result.headline}")
    screen.line(result.text)
