"""The README's Python runs as printed, and the commands and files that it names exist."""

import re
import runpy
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backtest_engine import BacktestEngine
from config import StrategyConfig
from exchanges import ExchangeManager
from strategies import get_strategy, resolve_params
from strategies.audit import audit_strategy

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)


def test_the_api_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = tmp_path / "example.py"
    example.write_text(BLOCKS[0], encoding="utf8")
    runpy.run_path(str(example))
    printed = capsys.readouterr().out
    assert re.search(r"\d+ trades, Sharpe -?\d+\.\d\d, net", printed)
    assert "hybrid_tier1_timeout" in printed


def test_the_strategy_example_loads_searches_and_is_causal(tmp_path: Path) -> None:
    file = tmp_path / "breakout.py"
    file.write_text(BLOCKS[1], encoding="utf8")
    config = StrategyConfig(name=str(file))
    candles = ExchangeManager().fetch_ohlc("SIMULATED", "BTCUSDT", "1h", datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC))
    assert BacktestEngine(candles, config).run().total_trades > 10
    strategy = get_strategy(str(file))
    result = audit_strategy(strategy, resolve_params(strategy, config), candles, cuts=100)
    assert result.passed, result.text


def test_every_linked_file_exists() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", README)
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []


def test_every_command_in_the_table_is_offered() -> None:
    offered = subprocess.run([sys.executable, "run_pipeline.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"`(run|demo|resume|runs|show|compare|dashboard|backtest|optimize|walkforward|explain|audit|doctor)\b", README))
    assert len(named) == 13
    assert all(re.search(rf"^  {name}\b", offered, re.M) for name in named)
