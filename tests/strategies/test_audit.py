"""The audit catches every planted leak, says where it is, and leaves honest strategies alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.candles import Candles
from core.canonical_json import dump_bytes
from core.errors import BacktestError, ConfigError
from strategies import Columns, ConditionPlan, ConditionTable, ParamRows, ParamValues, Run, Signals, Strategy, get_strategy
from strategies.audit import AuditResult, Check, audit_strategy, choose_cuts
from strategies.audit.futures import POISONS
from strategies.conditions import run_in_turn
from tests.backtest_engine.markets import START_MS, random_walk
from tests.strategies.leaks import HONEST, LEAKS, Planted, rule, trend

HYBRID = get_strategy("hybrid_trend")
DEFAULTS = {param.name: param.default for param in HYBRID.params}
CUTS = 200


@pytest.fixture(scope="module")
def candles() -> Candles:
    return random_walk(800, seed=7, silent_share=0.2)


def audit(strategy: Strategy, candles: Candles, params: ParamValues | None = None, **options: Any) -> AuditResult:
    return audit_strategy(strategy, params or {}, candles, **({"cuts": CUTS} | options))


def leaking(result: AuditResult) -> list[Check]:
    return [check for check in result.checks if check.name in ("truncation", "poison") and not check.passed]


def test_there_are_more_than_twenty_ways_to_look_ahead() -> None:
    assert len(LEAKS) >= 20


@pytest.mark.parametrize("variant", [2, 5])
@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_caught(name: str, variant: int, candles: Candles) -> None:
    result = audit(Planted(LEAKS[name], variant), candles)
    assert leaking(result)
    assert not result.passed
    assert result.headline.startswith("FAIL: it looks ahead")


@pytest.mark.parametrize("variant", [2, 5])
@pytest.mark.parametrize("name", HONEST)
def test_an_honest_twin_passes(name: str, variant: int) -> None:
    result = audit(Planted(HONEST[name], variant), random_walk(2500, seed=7, silent_share=0.2))
    assert result.passed, [check.text for check in result.checks if not check.passed]
    assert result.signals > 50
    assert result.headline == "PASS: no look-ahead found"


@pytest.mark.parametrize(("name", "output"), [("touch_level_only", "touch_level"), ("atr_only", "atr"), ("last_bit", "touch_level")])
def test_the_output_that_leaks_is_named(name: str, output: str, candles: Candles) -> None:
    for check in leaking(audit(Planted(LEAKS[name]), candles)):
        assert check.first is not None
        assert check.first.output == output


def test_the_first_offending_bar_is_told_with_both_values(candles: Candles) -> None:
    result = audit(Planted(LEAKS["future_close"], 2), candles, cuts=len(candles))
    first = result.check("truncation").first
    assert first is not None
    assert (first.output, first.cut - first.bar in (1, 2), first.value == first.other) == ("direction", True, False)
    assert first.bar_ms == START_MS + first.bar * 3_600_000
    assert first.cut_ms == START_MS + first.cut * 3_600_000
    assert f"bar {first.bar:,} (2024-01-" in result.check("truncation").text


def test_a_leak_at_one_bar_in_eight_hundred_is_found_right_after_its_signal(candles: Candles) -> None:
    def once(candles: Candles, variant: int) -> Signals:
        honest = rule(candles, trend(candles))
        direction = np.zeros(len(candles), np.int8)
        direction[503:504] = 1 if len(candles) > 504 and candles.close[504] < 1e4 else 0
        return Signals(direction, honest.touch_level, honest.atr)

    result = audit(Planted(once), candles, cuts=20)
    assert [check.failing for check in leaking(result)] == [1, 1]


def test_a_difference_of_the_last_digits_is_called_rounding(candles: Candles) -> None:
    result = audit(Planted(LEAKS["last_bit"]), candles)
    assert "rounding" in result.check("truncation").text
    assert "Only the last digits differ" in result.text


def test_a_leak_that_never_acts_on_these_candles_shows_with_wild_ones(candles: Candles) -> None:
    def flees_crashes(candles: Candles, variant: int) -> Signals:
        honest = rule(candles, trend(candles))
        crash = np.append(candles.low[1:], candles.low[-1]) < candles.close / 2
        return Signals(np.where(crash, np.int8(0), honest.direction), honest.touch_level, honest.atr)

    assert [check.name for check in leaking(audit(Planted(flees_crashes), candles))] == ["poison"]


def test_a_leak_through_the_number_of_bars_shows_where_they_end(candles: Candles) -> None:
    assert [check.name for check in leaking(audit(Planted(LEAKS["number_of_bars"]), candles))] == ["truncation"]


class Remembers(Planted):
    """Answers from the longest series it has seen."""

    seen: Signals | None = None

    def signals(self, candles: Candles, params: ParamValues) -> Signals:
        found = super().signals(candles, params)
        if Remembers.seen is None or len(found.direction) > len(Remembers.seen.direction):
            Remembers.seen = found
        bars = slice(0, len(candles))
        return Signals(Remembers.seen.direction[bars], Remembers.seen.touch_level[bars], Remembers.seen.atr[bars])


def test_a_strategy_that_remembers_what_it_saw_is_caught(candles: Candles) -> None:
    Remembers.seen = None
    assert audit(Remembers(LEAKS["future_close"], 5), candles, cuts=5).check("truncation").failing == 1


def test_a_strategy_that_draws_random_numbers_is_caught(candles: Candles) -> None:
    rng = np.random.default_rng(1)
    drawn = Planted(lambda candles, _: rule(candles, rng.normal(size=len(candles))))
    result = audit(drawn, candles)
    assert result.check("repeat").state == "failed"
    assert "the same candles give different signals" in result.headline


def test_a_strategy_that_changes_its_parameters_or_candles_is_caught(candles: Candles) -> None:
    class Greedy(Planted):
        def signals(self, candles: Candles, params: ParamValues) -> Signals:
            params["n"] += 1  # type: ignore[index]
            return super().signals(candles, params)

    class Vandal(Planted):
        def signals(self, candles: Candles, params: ParamValues) -> Signals:
            base = candles.volume if candles.volume.base is None else candles.volume.base
            base.flags.writeable = True
            base[0] += 1.0
            return super().signals(candles, params)

    given = {"n": 5}
    result = audit(Greedy(HONEST["past_close"]), candles, given)
    assert (result.check("inputs").text, given) == ("the strategy changes its parameter n", {"n": 5})
    assert audit(Vandal(HONEST["past_close"]), random_walk(300), cuts=5).check("inputs").text == "the strategy changes the candles"


class LaterTouchLevels(ConditionPlan):
    """The plan of the default strategy, with the touch levels of some bars later."""

    def __init__(self, columns: Columns, rows: ParamRows, bars_ahead: int) -> None:
        super().__init__(columns)
        self._honest: ConditionPlan = HYBRID.conditions(columns, rows)  # type: ignore[attr-defined]
        self._bars_ahead = bars_ahead

    def table(self, run: Run = run_in_turn, *, touched: bool = True) -> ConditionTable:
        honest = self._honest.table(run, touched=touched)
        bars = honest.touch_levels.shape[1]
        levels = np.take(honest.touch_levels, np.minimum(np.arange(bars) + self._bars_ahead, bars - 1), axis=1)
        levels.flags.writeable = False
        return honest._replace(touch_levels=levels)


class SearchesOtherwise:
    """The built-in strategy, whose conditions for the search say something else."""

    name, params, warmup, signals = HYBRID.name, HYBRID.params, HYBRID.warmup, HYBRID.signals

    def __init__(self, bars_ahead: int) -> None:
        self._bars_ahead = bars_ahead

    def conditions(self, columns: Columns, rows: ParamRows) -> ConditionPlan:
        return LaterTouchLevels(columns, rows, self._bars_ahead)


def test_a_leak_that_only_a_search_would_meet_is_caught() -> None:
    result = audit(SearchesOtherwise(1), random_walk(800), DEFAULTS, cuts=50)
    assert result.check("search").state == "failed"
    first = result.check("truncation").first
    assert first is not None
    assert first.output == "touch_level in the search"
    assert audit(SearchesOtherwise(0), random_walk(800), DEFAULTS, cuts=5).passed


def test_values_that_begin_with_the_data_are_a_warning_with_their_drift() -> None:
    check = audit(HYBRID, random_walk(3000), DEFAULTS, cuts=5).check("warmup")
    assert (check.state, check.points, check.passed) == ("warning", 5, True)
    assert 1e-9 < check.difference < 1.0
    assert "values drift by up to" in check.text


def test_signals_that_depend_on_the_first_bar_for_ever_fail() -> None:
    result = audit(Planted(lambda candles, _: rule(candles, candles.close - candles.close[0])), random_walk(3000), cuts=50)
    assert not leaking(result)
    assert result.check("warmup").state == "failed"
    assert result.headline == "FAIL: its signals depend on where the candles begin"
    first = result.check("warmup").first
    assert first is not None
    assert first.output == "direction"


def test_a_warmup_that_is_too_short_fails() -> None:
    class Hasty(Planted):
        def warmup(self, params: ParamValues) -> int:
            return 3

    slow = Hasty(lambda candles, _: HYBRID.signals(candles, DEFAULTS | {"enable_rsi_filter": False}))
    assert audit(slow, random_walk(3000), cuts=50).check("warmup").state == "failed"


def test_too_few_bars_to_begin_later_is_said(candles: Candles) -> None:
    check = audit(Planted(HONEST["past_close"]), candles[:62], cuts=5).check("warmup")
    assert (check.state, check.text) == ("warning", "62 bars are too few to begin later: the warm-up alone takes 60")


def test_a_strategy_without_signals_is_a_warning(candles: Candles) -> None:
    result = audit(Planted(lambda candles, _: rule(candles, np.zeros(len(candles)))), candles, cuts=5)
    assert result.passed
    assert result.check("signals").state == "warning"
    assert result.headline == "PASS: no look-ahead found, but there was no signal to judge"


def fails_below(bars: int) -> Planted:
    def idea(candles: Candles, variant: int) -> Signals:
        if len(candles) < bars:
            raise IndexError("not enough bars")
        return rule(candles, trend(candles))

    return Planted(idea)


def test_failing_within_the_warmup_is_no_leak(candles: Candles) -> None:
    check = audit(fails_below(61), candles).check("truncation")
    assert check.passed
    assert "inside the warm-up could not be judged" in check.text


def test_failing_after_the_warmup_fails(candles: Candles) -> None:
    result = audit(fails_below(300), candles)
    first = result.check("truncation").first
    assert first is not None
    assert (first.output, first.value) == ("error", None)
    assert "IndexError: not enough bars" in result.check("truncation").text
    assert result.headline.startswith("FAIL: it fails where bars are missing or unusual")


BROKEN: Mapping[str, tuple[Any, str]] = {
    "raises": (lambda candles, _: 1 / 0, "ZeroDivisionError: division by zero"),
    "no signals": (lambda candles, _: None, "direction must be numbers"),
    "too short": (lambda candles, _: Signals(np.zeros(3, np.int8), candles.close, candles.close), "one for each of 800 bars"),
    "no direction": (lambda candles, _: Signals(np.full(len(candles), 2), candles.close, candles.close), "none of -1, 0, 1 at bar 0"),
}


@pytest.mark.parametrize(("idea", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_strategy_is_an_error_and_no_verdict(idea: Any, message: str, candles: Candles) -> None:
    with pytest.raises(BacktestError, match=message):
        audit(Planted(idea), candles)


def test_numbers_out_of_range_are_refused(candles: Candles) -> None:
    with pytest.raises(ConfigError, match="cuts = 0"):
        audit(Planted(HONEST["past_close"]), candles, cuts=0)
    with pytest.raises(ConfigError, match="seed = -1"):
        audit(Planted(HONEST["past_close"]), candles, seed=-1)
    with pytest.raises(BacktestError, match="1 candle"):
        audit(Planted(HONEST["past_close"]), candles[:1])


def test_equal_audits_are_equal_bytes_and_the_seed_moves_the_cuts(candles: Candles) -> None:
    strategy = Planted(LEAKS["some_bars_only"])
    one, two, other = (dump_bytes(audit(strategy, candles, seed=seed).as_dict()) for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_the_result_is_plain_values(candles: Candles) -> None:
    content = audit(Planted(LEAKS["future_close"]), candles, label="mine.py", digest="abc").as_dict()
    assert content["schema"] == 1
    assert (content["strategy"], content["strategy_digest"], content["bars"], content["symbol"]) == ("mine.py", "abc", 800, "WALK")
    assert content["verdict"]["passed"] is False
    assert {"name", "passed", "state", "points", "failing", "first", "text"} <= content["checks"][0].keys()
    assert {"bar", "bar_ms", "cut", "output", "value", "other"} <= content["checks"][0]["first"].keys()


def test_progress_reaches_every_cut(candles: Candles) -> None:
    told: list[tuple[int, int]] = []
    result = audit(Planted(HONEST["past_close"]), candles, cuts=30, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(done, result.cuts) for done in range(1, result.cuts + 1)]


def test_cuts_are_spread_and_hold_edges_and_signals() -> None:
    signals = np.array([70, 500, 900])
    cuts = choose_cuts(1000, signals, 60, 100, 1)
    assert len(cuts) >= 100
    assert cuts == sorted(set(cuts))
    assert {1, 60, 61, 62, 71, 501, 901, 995, 999} <= set(cuts)
    assert max(np.diff(cuts)) < 30
    assert choose_cuts(1000, signals, 60, 100, 1) == cuts != choose_cuts(1000, signals, 60, 100, 2)


@pytest.mark.parametrize("wanted", [999, 5000])
def test_as_many_cuts_as_bars_is_every_bar(wanted: int) -> None:
    assert choose_cuts(1000, np.array([5]), 60, wanted, 1) == list(range(1, 1000))


@pytest.mark.parametrize("signals", [0, 3, 400, 998])
@pytest.mark.parametrize("wanted", [1, 10, 500, 998])
def test_cuts_are_never_fewer_than_wanted(signals: int, wanted: int) -> None:
    cuts = choose_cuts(1000, np.arange(signals), 60, wanted, 3)
    assert wanted <= len(cuts) <= wanted + 11
    assert 1 <= cuts[0] <= cuts[-1] < 1000


@pytest.mark.parametrize("cut", [1, 400, 799])
@pytest.mark.parametrize("name", POISONS)
def test_poison_leaves_the_past_alone_and_nothing_else(name: str, cut: int, candles: Candles) -> None:
    with_quotes = replace(candles, quote_volume=candles.volume * candles.close, has_volume=False, synthetic=True)
    wild = POISONS[name](with_quotes, cut)
    assert wild[:cut].digest == with_quotes[:cut].digest
    assert (wild.has_volume, wild.synthetic, len(wild)) == (False, True, len(candles))
    for column in ("open", "high", "low", "close", "volume", "quote_volume"):
        assert (getattr(wild, column)[cut:] != getattr(with_quotes, column)[cut:]).mean() > 0.7, column
