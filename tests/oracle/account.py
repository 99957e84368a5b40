"""The margin account: cash, the one position, closed trades. Cash changes here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.oracle.bars import Bar
from tests.oracle.entry_tiers import Fill, FillKind, WorkingEntry
from tests.oracle.outcome import OracleTrade
from tests.oracle.prices import taker_price
from tests.oracle.protection import Protection, recompute_at_addition, set_at_first_fill
from tests.oracle.settings import Settings


@dataclass
class Position:
    """An open position; ``extreme`` is its best price since entry, ``mfe`` and ``mae`` are in the quote currency."""

    direction: int
    entry_bar: int
    first_kind: FillKind
    first_tier: int
    qty: float
    avg_entry: float
    protection: Protection
    extreme: float
    tier_qty: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0])
    fees: float = 0.0
    slippage_cost: float = 0.0
    funding: float = 0.0
    mfe: float = 0.0
    mae: float = 0.0


class Account:
    """``equity = cash + d * qty * (close - avg_entry)``; cash changes by realised P&L, fees and funding only."""

    def __init__(self, bars: Sequence[Bar], decision_of: Sequence[int], settings: Settings) -> None:
        self._bars = bars
        self._decision_of = decision_of
        self._settings = settings
        self.cash = settings.initial_capital
        self.position: Position | None = None
        self.trades: list[OracleTrade] = []

    def equity_at(self, close: float) -> float:
        """Return the equity with the position marked at ``close``."""
        held = self.position
        if held is None:
            return self.cash
        return self.cash + held.direction * held.qty * (close - held.avg_entry)

    def apply_entry_fill(self, fill: Fill, entry: WorkingEntry, t: int) -> None:
        """Open the position or add to it, pay the fee, set or recompute the protection."""
        held = self.position
        if held is None:
            levels = set_at_first_fill(entry.direction, fill.price, entry.entry_atr, entry.regime, self._settings)
            held = Position(entry.direction, t, fill.kind, fill.tier, fill.qty, fill.price, levels, extreme=fill.price)
            self.position = held
        else:
            held.avg_entry = (held.avg_entry * held.qty + fill.price * fill.qty) / (held.qty + fill.qty)
            held.qty += fill.qty
            recompute_at_addition(held.protection, held.avg_entry, self._settings)
        held.tier_qty[fill.tier - 1] += fill.qty
        fee = fill.price * fill.qty * (self._settings.maker_fee if fill.maker else self._settings.taker_fee)
        self.cash -= fee
        held.fees += fee
        held.slippage_cost += abs(fill.price - fill.quoted) * fill.qty

    def pay_funding(self, amount: float) -> None:
        """Pay ``amount`` (or earn it when negative) for the open position."""
        assert self.position is not None
        self.cash -= amount
        self.position.funding += amount

    def close_position(self, quoted: float, t: int, reason: str, *, maker: bool = False) -> None:
        """Close the whole position at ``quoted``, worsened by slip unless it is a maker's exit; a liquidation pays its own fee too."""
        held = self.position
        assert held is not None
        price = quoted if maker else taker_price(quoted, -held.direction, held.qty, self._bars[t], self._settings)
        gross = held.direction * held.qty * (price - held.avg_entry)
        rate = self._settings.maker_fee if maker else self._settings.taker_fee
        if reason == "liquidation":
            rate += self._settings.liquidation_fee
        fee = price * held.qty * rate
        self.cash += gross
        self.cash -= fee
        held.fees += fee
        held.slippage_cost += abs(price - quoted) * held.qty
        # The position was held up to its exit, so the exit is the last price that MFE and MAE know.
        held.mfe = max(held.mfe, gross)
        held.mae = min(held.mae, gross)
        self.trades.append(self._trade(held, price, t, reason, gross))
        self.position = None

    def write_off(self) -> None:
        """Write the loss beyond the account off in the last trade's net P&L, so that cash ends at exactly 0."""
        last = self.trades[-1]
        net = last.net_pnl - self.cash
        self.trades[-1] = replace(last, net_pnl=net, return_pct=_return_pct(net, last.qty, last.avg_entry))
        self.cash = 0.0

    def _trade(self, held: Position, price: float, t: int, reason: str, gross: float) -> OracleTrade:
        net = gross - held.fees - held.funding
        tier1_qty, tier2_qty, tier3_qty, tier4_qty = held.tier_qty
        return OracleTrade(
            trade_id=len(self.trades),
            direction=held.direction,
            entry_time=self._bars[held.entry_bar].open_ms,
            avg_entry=held.avg_entry,
            qty=held.qty,
            entry_tier=held.first_tier,
            tier1_qty=tier1_qty,
            tier2_qty=tier2_qty,
            tier3_qty=tier3_qty,
            tier4_qty=tier4_qty,
            exit_time=self._bars[t].open_ms,
            exit_price=price,
            exit_reason=reason,
            gross_pnl=gross,
            fees=held.fees,
            slippage_cost=held.slippage_cost,
            funding=held.funding,
            net_pnl=net,
            return_pct=_return_pct(net, held.qty, held.avg_entry),
            bars_held=self._decision_of[t] - self._decision_of[held.entry_bar],
            mfe=held.mfe,
            mae=held.mae,
        )


def _return_pct(net_pnl: float, qty: float, avg_entry: float) -> float:
    """Return = net / entry notional, as a percentage."""
    return net_pnl / (qty * avg_entry) * 100
