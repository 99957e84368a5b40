"""Names of what a search may aim for, and the limits that it must keep."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Annotated, Any

from pydantic import Field, field_validator

from config.base import Settings
from core.suggest import nearest

OBJECTIVES = ("sharpe", "sortino", "calmar", "profit_factor", "net_pnl", "expectancy")
# Robust forms of each of them: the lower quartile over time blocks, the median of the neighbourhood.
FORMS = ("quartile", "plateau")
OBJECTIVE_NAMES = (*OBJECTIVES, *(f"{name}_{form}" for form in FORMS for name in OBJECTIVES))
# Of more than these, nearly every trial is best in something, and the front says nothing.
MOST_OBJECTIVES = 4


class Constraints(Settings):
    """Limits that a trial must keep at full fidelity to win; None = no limit.

    ``max_drawdown`` in percent of the peak (20 = at most 20 % down), ``min_trades`` closed trades, ``max_exposure`` in percent of the
    bars. How far a limit is broken is told to the sampler, which ``optimization.min_trades`` (fewer are no sample at all) is not.
    """

    max_drawdown: Annotated[float | None, Field(gt=0, le=100)] = None
    min_trades: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    max_exposure: Annotated[float | None, Field(gt=0, le=100)] = None

    @field_validator("max_drawdown", "min_trades", "max_exposure", mode="before")
    @classmethod
    def _no_switch(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError(f"{value} is a switch; a limit is a number, or null for none")
        return value

    @property
    def limits(self) -> dict[str, float]:
        """The limits that are set, by name, in a fixed order."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if value is not None}


def is_own(objective: str) -> bool:
    """Return whether ``objective`` is the path of a file of the user's."""
    return objective.endswith(".py")


def objective_label(objective: str) -> str:
    """Return the name to show and to store: a file's without its folders."""
    return PurePath(objective).name if is_own(objective) else objective


def checked_objective(value: Any) -> str | tuple[str, ...]:
    """Return one objective, or several as a tuple, with names in lower case.

    ``value`` is a name, a path that ends in .py, several of them with commas between, or a list. ValueError names what is wrong.
    """
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, Sequence):
        raise ValueError(f"{value!r} is no name of an objective, nor a list of them")
    names = tuple(_checked_name(part) for part in parts)
    if not names:
        raise ValueError("the list is empty: name at least one objective, e.g. [sharpe, calmar]")
    if len(names) > MOST_OBJECTIVES:
        raise ValueError(f"{len(names)} objectives are too many: of more than {MOST_OBJECTIVES} nearly every trial is best in something")
    again = next(_repeated([objective_label(name) for name in names]), None)
    if again is not None:
        raise ValueError(f"'{again}' is listed twice; name each objective once")
    return names[0] if len(names) == 1 else names


def _checked_name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is no name of an objective")
    text = value.strip()
    if is_own(text):
        return text
    name = text.lower()
    if name not in OBJECTIVE_NAMES:
        raise ValueError(
            f"'{text}' is not known.{nearest(text, OBJECTIVE_NAMES)} Use one of {', '.join(OBJECTIVES)}, one of these with "
            f"{' or '.join(f'_{form}' for form in FORMS)} after it, or a Python file of your own (ends in .py)"
        )
    return name


def _repeated(names: Sequence[str]) -> Iterator[str]:
    return (name for place, name in enumerate(names) if name in names[:place])
