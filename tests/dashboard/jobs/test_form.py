"""The form says of every setting what it is, and begins with what a run would have anyway."""

from config import RunConfig
from dashboard.views.form_fields import as_text, setting_fields
from dashboard.views.new_run import run_form
from dashboard.views.setting_texts import WORDS


def test_every_setting_has_a_field_and_every_text_a_setting() -> None:
    fields = setting_fields()
    assert set(WORDS) - set(fields) == {"markets"}
    assert all(field.words.label and field.words.help.endswith(".") for field in fields.values())


def test_every_field_is_on_the_form_once() -> None:
    form = run_form({}, {})
    shown = [field.path for group in (form.single, form.top, form.dates, *(section.fields for section in form.sections)) for field in group]
    assert len(shown) == len(set(shown))
    assert set(setting_fields()) - set(shown) == {"mode"}


def test_defaults_are_those_of_a_run() -> None:
    settings = RunConfig()
    for path, field in setting_fields().items():
        if path.startswith(("top.", "strategy.params.")):
            continue
        value: object = settings
        for part in path.split("."):
            value = getattr(value, part)
        assert field.default == as_text(value), path


def test_form_begins_with_the_run_it_is_made_from_and_knows_what_differs() -> None:
    form = run_form({"seed": 7}, {"start": "2024-01-01T00:00:00Z", "strategy": {"name": "ema_cross", "params": {"fast": 9}}})
    fields = {field.path: field for group in (form.dates, *(section.fields for section in form.sections)) for field in group}
    assert (fields["seed"].value, fields["seed"].default) == ("7", "7")
    assert (fields["strategy.params.fast"].value, fields["strategy.params.fast"].default) == ("9", "20")
    assert fields["strategy.params.fast"].strategies == ("ema_cross",)
    assert fields["strategy.ema_trend"].strategies == ("hybrid_trend",)
    assert fields["strategy.atr_period"].strategies == ()


def test_markets_of_a_run_are_rows() -> None:
    markets = [{"exchange": "SIMULATED", "symbol": "A", "timeframe": "4h", "order_qty": 0.5}, {"exchange": "LOCAL", "symbol": "B"}]
    form = run_form({}, {"mode": "MULTI", "markets": markets})
    assert form.mode == "MULTI"
    assert form.rows == (("SIMULATED", "A", "4h", "0.5"), ("LOCAL", "B", "", ""))
    assert run_form({}, {"mode": "MULTI", "top": {"limit": 3}}).mode == "TOP"
