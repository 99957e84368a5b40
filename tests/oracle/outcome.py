"""What a simulation returns: trades, the log of entries that did not (fully) fill, equity per bar."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OracleTrade:
    """One closed position; times are the open times (UTC ms) of the bars of first entry and exit, ``return_pct`` is a percentage."""

    trade_id: int
    direction: int
    entry_time: int
    avg_entry: float
    qty: float
    entry_tier: int
    tier1_qty: float
    tier2_qty: float
    tier3_qty: float
    tier4_qty: float
    exit_time: int
    exit_price: float
    exit_reason: str
    gross_pnl: float
    fees: float
    slippage_cost: float
    funding: float
    net_pnl: float
    return_pct: float
    bars_held: int
    mfe: float
    mae: float


@dataclass(frozen=True)
class EntryEvent:
    """An entry that ended with something unfilled; ``kind`` is 'missed', 'partial' or 'rejected'.

    ``signal_bar`` is the index of a decision bar, ``bar`` of a detail bar.
    """

    kind: str
    reason: str
    signal_bar: int
    bar: int
    direction: int
    wanted_qty: float
    filled_qty: float


@dataclass(frozen=True)
class OracleResult:
    """Everything a run produces; ``equity`` has one value per decision bar.

    ``ambiguous_exits`` counts the exits that another order of prices inside their bar would have changed.
    """

    trades: list[OracleTrade]
    events: list[EntryEvent]
    equity: list[float]
    ruined: bool
    final_cash: float
    ambiguous_exits: int = 0
