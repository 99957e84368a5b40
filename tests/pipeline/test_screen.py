"""What is shown, with and without a terminal."""

import math
import re
from io import StringIO

import pytest
from rich.console import Console

from pipeline import progress
from pipeline.program import command_to
from pipeline.progress import Bars, Lines, progress_on
from pipeline.screen import Screen
from pipeline.tables import TableData, cell, facts, plain_number
from pipeline.wrapping import wrapped


def screen_on(text: StringIO, *, quiet: bool = False, terminal: bool = False) -> Screen:
    # the terminal of whoever runs the tests (TERM=dumb, NO_COLOR) has no say here
    return Screen(
        quiet=quiet,
        console=Console(file=text, width=100, force_terminal=terminal, color_system="standard" if terminal else None, _environ={}),
    )


def test_names_with_brackets_are_shown_as_they_are() -> None:
    name = "my [red]best[/x].py"
    text = StringIO()
    screen_on(text).table(TableData(f"For {name}", ("stage", name), (("7.1", name),), note=name))
    assert text.getvalue().count(name) == 4
    text = StringIO()
    screen = screen_on(text, terminal=True)
    with Bars(screen) as bars:
        bars.report("search", 1, 2, f"best {name} 3")
    assert name in text.getvalue()


@pytest.mark.parametrize(
    ("value", "shown"),
    [(math.nan, "n/a"), (math.inf, "n/a"), (None, "n/a"), (True, "yes"), (1234, "1,234"), (-1234.567, "-1,234.57"), ("text", "text")],
)
def test_cell_shows_what_people_read(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"), (0.0002, "0.0002"), (20, "20"), (20.0, "20"), (0.0, "0"), (0.00001, "0.00001"), (0.12345678, "0.12345678"),
        (1234567.5, "1234567.5"), (0.1 + 0.2, "0.3"), (1e22, "1" + "0" * 22), (-0.5, "-0.5"), (math.inf, "inf"), ("text", "text"),
    ],
)  # fmt: skip
def test_settings_are_shown_as_they_are_typed_with_all_digits(value: object, shown: str) -> None:
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


def plain_lines(text: StringIO) -> list[str]:
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in text.getvalue().splitlines()]


@pytest.mark.parametrize("say", ["line", "detail", "good", "bad", "warning"])
def test_terminal_breaks_lines_between_words_only(say: str) -> None:
    text, sentence = StringIO(), " ".join(["incomprehensibility"] * 12)
    getattr(screen_on(text, terminal=True), say)(sentence)
    lines = plain_lines(text)
    assert len(lines) == 3
    assert all(len(line) <= 100 for line in lines)
    assert " ".join(lines).removeprefix("warning: ") == sentence


def test_what_goes_into_a_file_is_one_line() -> None:
    text, sentence = StringIO(), "incomprehensibility " * 12
    screen_on(text).bad(sentence)
    assert text.getvalue() == f"{sentence}\n"


def test_command_to_be_typed_is_never_broken() -> None:
    text, command = StringIO(), command_to("data", "fetch", *(f"SYMBOL{number}" for number in range(30)))
    screen_on(text, terminal=True).warning(f"the fetch stopped. Continue with: {command}")
    assert plain_lines(text) == ["warning: the fetch stopped. Continue with:", command]


@pytest.mark.parametrize("line", ["", "  padded   columns  ", "x" * 40])
def test_text_that_fits_or_cannot_be_broken_stays_as_it_is(line: str) -> None:
    assert wrapped(line, 20) == line
