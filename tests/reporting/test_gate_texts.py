"""Numbers of gates never contradict the result beside them."""

import math

import pytest

from config import VerdictConfig
from reporting.gate import GATES
from reporting.gate_texts import counted, digits_beside, number_beside, percent, percent_beside, percent_of_limit, plain


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        (0.012, 0.05, "0.01"), (0.0049, 0.05, "0.005"), (0.05, 0.05, "0.05"), (0.0499, 0.05, "0.0499"), (0.9499, 0.95, "0.9499"),
        (0.95001, 0.95, "0.95001"), (0.0, 0.05, "0.00"), (1.0, 0.95, "1.00"), (-118.4, 0.0, "-118.40"), (0.001, 0.0, "0.001"),
        (36, 30, "36"), (12_345, 30, "12,345"), (None, 0.05, "n/a"),
    ],
)  # fmt: skip
def test_value_shows_on_which_side_of_its_limit_it_is(value: float | None, limit: float, shown: str) -> None:
    assert number_beside(value, limit) == shown


@pytest.mark.parametrize(
    ("share", "limit", "shown"),
    [
        (0.97, 0.95, "97 %"), (0.9496, 0.95, "94.96 %"), (0.949996, 0.95, "94.9996 %"), (0.95, 0.95, "95 %"), (0.07, 0.05, "7 %"),
        (0.0003, 0.05, "0.03 %"), (0.9999, 0.95, "99.99 %"), (1.0, 0.95, "100 %"), (0.0, 0.05, "0 %"), (1.04, 0.6, "104 %"),
        (None, 0.05, "n/a"),
    ],
)  # fmt: skip
def test_percentage_tells_itself_from_its_limit_from_nothing_and_from_certainty(share: float | None, limit: float, shown: str) -> None:
    assert percent_beside(share, limit) == shown


def test_share_without_a_limit_is_told_from_nothing_and_certainty() -> None:
    assert [percent(share) for share in (0.004, 0.5, 0.9996, math.nan)] == ["0.4 %", "50.0 %", "99.96 %", "n/a"]


def test_plain_numbers_have_no_minus_before_a_zero() -> None:
    assert [plain(value) for value in (-0.001, 0.0, -1.0, None, math.inf)] == ["0.00", "0.00", "-1.00", "n/a", "n/a"]


def test_limits_have_all_of_their_digits() -> None:
    assert [percent_of_limit(limit) for limit in (0.05, 0.6, 0.123456, 1.0)] == ["5 %", "60 %", "12.3456 %", "100 %"]


def test_digits_end_where_a_double_does() -> None:
    assert digits_beside(0.6 - 1e-16, 0.6) <= 12
    assert digits_beside(5e-324, 0.0) == 12


def test_one_is_no_plural() -> None:
    assert [counted(count, "copy", "copies") for count in (0, 1, 2_000)] == ["0 copies", "1 copy", "2,000 copies"]
    assert counted(1, "trade") == "1 trade"


def test_every_gate_shows_its_limit_in_its_unit() -> None:
    limits = VerdictConfig()
    shown = {
        "superior_ability": limits.spa_p_below, "plateau": limits.plateau_from, "doubled_costs_profit": limits.doubled_costs_profit_above,
        "out_of_sample_trades": limits.out_of_sample_trades_from,
    }  # fmt: skip
    assert [GATES[name].limit_text(limit) for name, limit in shown.items()] == ["5 %", "60 %", "0", "30"]
    assert GATES["permutation"].value_text(0.0496, 0.05) == "4.96 %"
    assert GATES["doubled_costs_profit"].value_text(-3.0, 0.0) == "-3.00"
