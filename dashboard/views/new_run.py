"""The form to start a run, section by section, with the values that it begins with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.views.form_fields import FormField, as_text, filled, setting_fields

KINDS = (
    ("pipeline", "Whole run", "All stages, to the verdict."),
    ("backtest", "Backtest", "Candles and the strategy as it is set."),
    ("optimize", "Optimization", "The backtest, then the search of stage 7."),
    ("walkforward", "Walk-forward", "The backtest, then the windows of stage 8."),
    ("fetch", "Fetch candles", "Only bring the candle store up to date."),
)
# Title, sentence, the beginnings of the paths it has, and whether it is open at first; a path belongs to the first that fits.
_ENTRIES = (
    "strategy.enable_hybrid",
    "strategy.hybrid_",
    "strategy.ema_touch",
    "strategy.limit_",
    "strategy.participation",
    "strategy.max_chase",
)
_EXITS = (
    "strategy.stop_", "strategy.target_", "strategy.atr_sl", "strategy.atr_tp", "strategy.regime_", "strategy.trailing_",
    "strategy.allow_", "strategy.exit_",
)  # fmt: skip
_SECTIONS = (
    ("Entries in tiers", "How an entry is made, from a patient limit order to the market.", _ENTRIES, False),
    ("Exits and sides", "Stop, target, trailing, and which sides are traded.", _EXITS, False),
    ("Strategy", "Rules and their parameters.", ("strategy.",), True),
    ("Account and costs", "Capital, fees, slippage, leverage and the size of an entry.", ("execution.",), False),
    ("Search", "How hard the optimization looks, and for what.", ("optimization.",), False),
    ("Walk-forward", "The windows that are optimized and tested.", ("walkforward.",), False),
    ("Significance", "How many times luck gets a try.", ("significance.",), False),
    ("Verdict", "What the strategy has to reach to pass.", ("verdict.",), False),
)
_MARKET_COLUMNS = ("exchange", "symbol", "timeframe", "order_qty")


@dataclass(frozen=True, slots=True)
class FormSection:
    """A group of fields."""

    title: str
    text: str
    name: str
    open: bool
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class RunForm:
    """The form: ``mode`` is SINGLE, MULTI or TOP; ``rows`` the named markets; fields of ``single``, ``top`` and ``dates`` by their path."""

    mode: str
    single: tuple[FormField, ...]
    top: tuple[FormField, ...]
    dates: tuple[FormField, ...]
    rows: tuple[tuple[str, ...], ...]
    sections: tuple[FormSection, ...]


def run_form(standing: Mapping[str, Any], wanted: Mapping[str, Any]) -> RunForm:
    """Return the form that begins with ``wanted`` where that says something, else with ``standing``, else with the defaults.

    A field's ``default`` is what a run has if the field is left out: only what differs from that has to be sent.
    """
    base = {path: replace(field, default=field.value) for path, field in filled(setting_fields(), standing).items()}
    fields = filled(base, wanted)
    markets = wanted.get("markets") or standing.get("markets")
    rows = tuple(_row(each) for each in markets if isinstance(each, Mapping)) if isinstance(markets, list) else ()
    return RunForm(
        _mode(fields["mode"].value, bool(rows)),
        _of(fields, ("exchange", "symbol", "timeframe", "order_qty")),
        tuple(field for path, field in fields.items() if path.startswith("top.")),
        _of(fields, ("start", "end", "gaps", "seed")),
        rows,
        _sections(fields),
    )


def _mode(value: str, named: bool) -> str:
    return "SINGLE" if value.upper() != "MULTI" else "MULTI" if named else "TOP"


def _of(fields: Mapping[str, FormField], paths: tuple[str, ...]) -> tuple[FormField, ...]:
    return tuple(fields[path] for path in paths)


def _row(market: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(as_text(market.get(name, "")) for name in _MARKET_COLUMNS)


def _sections(fields: Mapping[str, FormField]) -> tuple[FormSection, ...]:
    left, sections = dict(fields), []
    for title, text, beginnings, opened in _SECTIONS:
        own = [left.pop(path) for path in list(left) if path.startswith(beginnings)]
        sections.append(FormSection(title, text, title.lower().replace(" ", "-"), opened, tuple(own)))
    # The rules come first, then how they enter and leave.
    return (sections[2], *sections[:2], *sections[3:])
