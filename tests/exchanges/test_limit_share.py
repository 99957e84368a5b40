"""How much of a venue's limit is used is one setting."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.paths import Paths
from exchanges import ExchangeManager
from exchanges.limit_share import limit_share, use_limit_share
from exchanges.limits import Limit
from exchanges.rest_exchange import RestExchange


@pytest.mark.parametrize(("named", "share"), [(None, 0.5), ("", 0.5), (" 0.25 ", 0.25), ("1", 1.0), ("1e-3", 0.001)])
def test_share_is_a_number_above_zero_and_at_most_one(named: str | None, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    if named is None:
        monkeypatch.delenv("PIPELINE_LIMIT_SHARE", raising=False)
    else:
        monkeypatch.setenv("PIPELINE_LIMIT_SHARE", named)
    assert limit_share(0.5) == share


@pytest.mark.parametrize("named", ["0", "-0.5", "1.01", "50%", "nan", "inf", "half"])
def test_any_other_share_is_refused_with_its_value(named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIPELINE_LIMIT_SHARE", named)
    with pytest.raises(ConfigError, match=f"PIPELINE_LIMIT_SHARE is '{named}': it is a number above 0 and at most 1"):
        ExchangeManager().get("BINANCE", Paths.default())


def test_share_binds_the_requests_of_the_managers_exchanges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LIMIT_SHARE", "0.1")
    exchange = ExchangeManager().get("BINANCE", Paths.default())
    assert isinstance(exchange, RestExchange)
    limiter, limit = exchange.http.limiter, Limit(100, 3600)
    assert [limiter.reserve("api.example.com", 5, [limit]) for _ in range(2)] == [0.0, 0.0]
    assert limiter.reserve("api.example.com", 1, [limit]) > 0


def test_share_of_this_process_goes_before_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LIMIT_SHARE", "0.1")
    use_limit_share(0.75)
    assert limit_share(0.5) == 0.75
