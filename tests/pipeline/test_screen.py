"""What is shown, with and without a terminal."""

import math
from io import StringIO

import pytest
from rich.console import Console

from pipeline import progress
from pipeline.progress import Bars, Lines, progress_on
from pipeline.screen import Screen
from pipeline.tables import TableData, cell, facts, plain_number


def screen_on(text: StringIO, *, quiet: bool = False, terminal: bool = False) -> Screen:
    # the terminal of whoever runs the tests (TERM=dumb, NO_COLOR) has no say here
    return Screen(
        quiet=quiet,
        console=Console(file=text, width=100, force_terminal=terminal, color_system="standard" if terminal else None, _environ={}),
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(math.nan, "n/a"), (math.inf, "n/a"), (None, "n/a"), (True, "yes"), (1234, "1,234"), (-1234.567, "-1,234.57"), ("text", "text")],
)
def test_cell_shows_what_people_read(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(True, "true"), (0.0002, "0.0002"), (20, "20"), (20.0, "20")])
def test_settings_are_shown_as_they_are_typed(value: object, shown: str) -> None:
    assert plain_number(value) == shown


def test_words_carry_what_colours_say() -> None:
    plain, coloured = StringIO(), StringIO()
    table = TableData("Gates", ("", "gate"), (("passed", "a"), ("failed", "b")), (0, 1))
    screen_on(plain).table(table)
    screen_on(coloured, terminal=True).table(table)
    assert "passed" in plain.getvalue()
    assert "\x1b[" not in plain.getvalue()
    assert "\x1b[31mfailed" in coloured.getvalue()


def test_text_with_brackets_is_shown_as_it_is() -> None:
    text = StringIO()
    screen = screen_on(text)
    screen.line("[0.33, 0.66] [bold]x[/bold]")
    screen.table(facts("", [("levels", "[0.33, 0.66]")]))
    assert text.getvalue().count("[0.33, 0.66]") == 2
    assert "[bold]x[/bold]" in text.getvalue()


def test_quiet_leaves_tables_out_and_warnings_in() -> None:
    text = StringIO()
    screen = screen_on(text, quiet=True)
    screen.table(facts("Table", [("a", "b")]))
    screen.detail("detail")
    screen.warning("trouble")
    assert text.getvalue() == "warning: trouble\n"


def test_bars_are_for_terminals_only() -> None:
    assert isinstance(progress_on(screen_on(StringIO(), terminal=True)), Bars)
    assert isinstance(progress_on(screen_on(StringIO())), Lines)
    assert isinstance(progress_on(screen_on(StringIO(), quiet=True, terminal=True)), Lines)


def test_lines_come_now_and_then_with_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 0.0, 5.0, 11.0, 12.0, 20.0])
    monkeypatch.setattr(progress, "monotonic_seconds", lambda: next(seconds))
    text = StringIO()
    with Lines(screen_on(text)) as lines:
        for done in (0, 50, 110, 120, 200):
            lines.report("search", done, 200, "best 1.5")
    assert text.getvalue().splitlines() == ["  search: 110/200, 10/s, 9 s left, best 1.5", "  search: 200/200, 10/s, best 1.5"]


def test_resumed_work_shows_the_rate_of_this_session(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 0.0, 10.0])
    monkeypatch.setattr(progress, "monotonic_seconds", lambda: next(seconds))
    text = StringIO()
    with Lines(screen_on(text)) as lines:
        lines.report("search", 100, 150)
        lines.report("search", 150, 150)
    assert text.getvalue() == "  search: 150/150, 5.0/s\n"


def test_bars_show_count_rate_and_note() -> None:
    text = StringIO()
    with Bars(screen_on(text, terminal=True)) as bars:
        bars.report("search 7.1", 0, 50)
        bars.report("search 7.1", 50, 50, "best sharpe 1.234")
    assert "search 7.1" in text.getvalue()
    assert "50/50" in text.getvalue()
    assert "best sharpe 1.234" in text.getvalue()
