"""The verdict of an audit in plain words: what is wrong, and what usually causes it."""

from collections.abc import Sequence

from strategies.audit.result import Check
from strategies.audit.tally import ROUNDING

_LOOK_AHEAD = ("truncation", "poison")
_CAUSES = (
    "Usual causes: a shift by -1, a centred window, filling gaps backwards, a mean, minimum or maximum of the whole series, "
    "a longer timeframe's bar used before it closed. Compute bar t from bars up to t only."
)
_ROUNDED = (
    "Only the last digits differ: a sum whose order depends on how long the series is, such as a convolution by FFT. "
    "Compute each bar from its own past in a fixed order."
)
_OTHERS = {
    "warmup": (
        "its signals depend on where the candles begin",
        (
            "Signals still change long after the warm-up when the candles begin later: something is counted from the first bar on, "
            "or warmup() returns too few bars. Such a strategy trades differently on longer or shorter data."
        ),
    ),
    "repeat": ("the same candles give different signals", "It keeps something between calls or draws random numbers."),
    "inputs": ("it changes what it was given", "Work on copies of candles and parameters."),
    "search": ("a search would trade other signals than a backtest", "Its conditions must mean the very signals of signals()."),
}


def verdict_of(checks: Sequence[Check], cuts: int) -> tuple[str, str]:
    """Return the headline and the text below it."""
    failed = [check for check in checks if not check.passed]
    if not failed:
        warned = ", ".join(check.title for check in checks if check.state == "warning")
        text = f"At {cuts:,} cuts no signal, touch level or ATR changed, whatever came after them."
        idle = ", but there was no signal to judge" if any(check.name == "signals" for check in checks) else ""
        return f"PASS: no look-ahead found{idle}", f"{text} Worth a look: {warned}." if warned else text
    leaking = [check for check in failed if check.name in _LOOK_AHEAD]
    others = [_OTHERS[check.name] for check in failed if check.name in _OTHERS]
    headlines = [*(["it looks ahead" if _says(leaking) else "it fails where bars are missing or unusual"] if leaking else [])]
    headlines += [headline for headline, _ in others]
    texts = [_cause(leaking)] if leaking else []
    return f"FAIL: {'; '.join(headlines)}", " ".join([*texts, *(text for _, text in others)])


def _says(leaking: Sequence[Check]) -> bool:
    """Return whether at least one check found a value that changed, rather than an error."""
    return any(check.first is not None and check.first.output != "error" for check in leaking)


def _cause(leaking: Sequence[Check]) -> str:
    if not _says(leaking):
        return "It raises an error on a part of these candles or on other prices, so it could not be judged. Repair that first."
    if all(check.difference <= ROUNDING for check in leaking):
        return _ROUNDED
    told = "What it said of the past changed with the future, so a backtest shows trades that nobody could have made."
    return f"{told} {_CAUSES}"
