"""What a campaign came to, as a Markdown table."""

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.self_test.runs import Outcome

HEADER = ("series", "number", "PASS", "every gate computed", "gates that failed most often")


def table(groups: Mapping[str, Sequence[Outcome]]) -> str:
    """Return a Markdown table with a row for each group that has outcomes, and one for all of them when there are several."""
    rows = [_row(group, outcomes) for group, outcomes in groups.items() if outcomes]
    everything = [outcome for outcomes in groups.values() for outcome in outcomes]
    if len(rows) > 1:
        rows.append(_row("all", everything))
    lines = [HEADER, ("---",) + ("---:",) * 3 + ("---",), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(group: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    number = len(outcomes)
    passed, computed = sum(outcome.passed for outcome in outcomes), sum(outcome.computed for outcome in outcomes)
    failed = Counter(name for outcome in outcomes for name, held in sorted(outcome.held.items()) if not held)
    most = ", ".join(f"{name} {count}" for name, count in failed.most_common(3))
    return group, str(number), f"{passed} ({passed / number:.0%})", f"{computed} ({computed / number:.0%})", most or "none"


def missing(groups: Mapping[str, Sequence[Outcome]]) -> str:
    """Return, a line each, the reasons why gates had no number, with how often; "" where all had one."""
    reasons = Counter(
        (name, reason) for outcomes in groups.values() for outcome in outcomes for name, reason in sorted(outcome.reasons.items())
    )
    return "\n".join(f"{count} x {name}: {reason}" for (name, reason), count in reasons.most_common())
