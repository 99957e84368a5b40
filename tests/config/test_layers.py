"""Later layers win: defaults, run files in their order, --set, overrides; what is wrong in a file is told with file and line."""

import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import OptimizationProfile, RunConfig, load_run_config, merge_settings, parse_assignments
from config.base import Settings
from config.loading import read_settings_file
from core.errors import ConfigError
from core.paths import PROJECT_ROOT

EXAMPLE = PROJECT_ROOT / "config" / "run.example.yaml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf8")
    return path


def test_every_layer_wins_over_those_before_it(tmp_path: Path) -> None:
    first = written(tmp_path / "a.yaml", "seed: 1\nsymbol: A\ntimeframe: 4h\nstrategy: {ema_fast: 1, ema_slow: 2, ema_trend: 3}")
    second = written(tmp_path / "b.yaml", "symbol: B\ntimeframe: 1d\nstrategy: {ema_slow: 20, ema_trend: 30}")
    found = load_run_config([first, second], ["timeframe=5m", "strategy.ema_trend=300"], {"strategy": {"ema_trend": 400}})
    assert (found.order_qty, found.seed, found.symbol, found.timeframe) == (0.1, 1, "B", "5m")
    assert (found.strategy.ema_fast, found.strategy.ema_slow, found.strategy.ema_trend) == (1, 20, 400)


def test_without_layers_there_are_the_defaults() -> None:
    assert load_run_config([]) == RunConfig()


@pytest.mark.parametrize("content", ["", "\n# only a comment\n", "---\n"])
def test_empty_file_sets_nothing(content: str, tmp_path: Path) -> None:
    assert load_run_config([written(tmp_path / "run.yaml", content)]) == RunConfig()


def test_lists_are_replaced_whole(tmp_path: Path) -> None:
    file = written(tmp_path / "run.yaml", "optimization: {fidelity_levels: [0.1, 0.2, 1.0]}")
    assert load_run_config([file], ["optimization.fidelity_levels=[0.5, 1.0]"]).optimization.fidelity_levels == (0.5, 1.0)


BAD_FILES: dict[str, tuple[str, str]] = {
    "unclosed list": ("seed: 1\nmarkets: [1, 2\n", "line 3"),
    "tab": ("strategy:\n\tema_fast: 1\n", "line 2"),
    "colon": ("seed: 1\nsymbol: a: b\n", "line 2"),
    "python object": ("seed: !!python/object/apply:os.system ['true']\n", "line 1"),
    "no such month": ("start: 2024-13-01\n", "month must be in 1..12"),
    "endless nesting": ("a: " + "[" * 500, "recursion"),
}


@pytest.mark.parametrize(("content", "place"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_file_that_is_no_yaml_is_named_with_the_place(content: str, place: str, tmp_path: Path) -> None:
    file = written(tmp_path / "mine.yaml", content)
    with pytest.raises(ConfigError, match=rf"mine\.yaml is not valid YAML: .*{place}"):
        read_settings_file(file)


@pytest.mark.parametrize("content", ["- 1\n- 2\n", "just text\n", "5\n", "1: 2\n"])
def test_file_without_keys_is_refused(content: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.yaml must hold settings as 'key: value' lines"):
        read_settings_file(written(tmp_path / "mine.yaml", content))


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"symbol: \xff\xfe\xff")
    for path, message in (
        (tmp_path / "none.yaml", "there is no settings file"),
        (tmp_path, "cannot read"),
        (tmp_path / "latin.yaml", "cannot read"),
    ):
        with pytest.raises(ConfigError, match=message) as caught:
            read_settings_file(path)
        assert str(path) in str(caught.value)


ASSIGNMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "whole number": ("seed=7", {"seed": 7}),
    "number": ("order_qty=0.25", {"order_qty": 0.25}),
    "text": ("symbol=BTCUSDT", {"symbol": "BTCUSDT"}),
    "text with equals": ("symbol=a=b", {"symbol": "a=b"}),
    "timeframe": ("timeframe=1h", {"timeframe": "1h"}),
    "switch": ("walkforward.anchored=true", {"walkforward": {"anchored": True}}),
    "list": ("optimization.fidelity_levels=[0.5, 1.0]", {"optimization": {"fidelity_levels": [0.5, 1.0]}}),
    "deep": ("strategy.params.speed=3", {"strategy": {"params": {"speed": 3}}}),
    "mapping": ("strategy={ema_fast: 5}", {"strategy": {"ema_fast": 5}}),
    "nothing": ("start=", {"start": None}),
    "spaces": (" seed = 7 ", {"seed": 7}),
}


@pytest.mark.parametrize(("text", "expected"), ASSIGNMENTS.values(), ids=ASSIGNMENTS.keys())
def test_assignment_is_read_as_yaml(text: str, expected: dict[str, Any]) -> None:
    assert parse_assignments([text]) == expected


def test_assignments_build_up_and_the_last_wins() -> None:
    assert parse_assignments(["a.b=1", "a.c=2", "a.b=3"]) == {"a": {"b": 3, "c": 2}}


@pytest.mark.parametrize("text", ["seed", "", "=5", "  =5", "seed:5"])
def test_assignment_without_key_or_equals_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=rf"--set '{text}' must be key=value, e.g. --set optimization.profile=FAST"):
        parse_assignments([text])


@pytest.mark.parametrize("value", ["[1, 2", "{a", "a: b: c", "2024-13-01", "'"])
def test_assignment_of_what_is_no_value_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match=r"--set 'start=.*is no valid value"):
        parse_assignments([f"start={value}"])


def test_assignment_to_what_does_not_exist_offers_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"strategy\.ema_fats is no setting of StrategyConfig\. Did you mean 'ema_fast'\?"):
        load_run_config([], ["strategy.ema_fats=3"])


def test_merging_changes_neither_side() -> None:
    base, changes = {"a": {"b": 1}, "c": 2}, {"a": {"d": 3}, "c": {"e": 4}}
    assert merge_settings(base, changes) == {"a": {"b": 1, "d": 3}, "c": {"e": 4}}
    assert (base, changes) == ({"a": {"b": 1}, "c": 2}, {"a": {"d": 3}, "c": {"e": 4}})


def test_example_file_loads() -> None:
    found = load_run_config([EXAMPLE])
    assert found.optimization.profile is OptimizationProfile.BALANCED
    assert found.start_ms is not None
    assert found.end_ms is not None
    assert math.isclose(found.end_ms - found.start_ms, 366 * 86_400_000)


def test_every_key_of_the_example_file_is_a_setting() -> None:
    def check(settings: type[Settings], content: dict[str, Any]) -> None:
        for key, value in content.items():
            assert key in settings.model_fields
            inner = settings.model_fields[key].annotation
            if isinstance(value, dict):
                assert isinstance(inner, type)
                assert issubclass(inner, Settings)
                check(inner, value)

    check(RunConfig, yaml.safe_load(EXAMPLE.read_text(encoding="utf8")))


def test_settings_survive_their_own_json() -> None:
    own = load_run_config([EXAMPLE], ["strategy.params.speed=3", "end=2024-06-01T12:00"])
    assert RunConfig(**own.model_dump(mode="json")) == own


def test_a_section_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("strategy: {ema_fast: 10}\nseed: 1\nstrategy: {ema_slow: 60}\n", encoding="utf8")
    with pytest.raises(ConfigError, match=r"'strategy' stands there twice.*line 3"):
        load_run_config([file])
