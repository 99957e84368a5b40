"""The metrics of a trial as its ledger line holds them: text until somebody asks."""

import json
import math
from collections.abc import ItemsView, Iterator, Mapping, ValuesView

from core.errors import CorruptFileError

Metric = float | int | bool


class StoredMetrics(Mapping[str, Metric]):
    """A read-only mapping, names sorted, over the JSON object in ``text``; nan where that says null.

    A search of 100,000 trials reads the metrics of a few of them. As text they take a third of the memory of a dictionary, and reading a
    ledger takes half the time; looking into them takes some microseconds, each time anew. CorruptFileError: the text is no such object.
    """

    __slots__ = ("_text",)

    def __init__(self, text: bytes) -> None:
        self._text = text

    def decoded(self) -> dict[str, Metric]:
        """Return them as a dictionary."""
        try:
            return {name: math.nan if value is None else value for name, value in sorted(json.loads(self._text).items())}
        except (ValueError, AttributeError) as error:
            raise CorruptFileError(
                f"a trial's metrics are no JSON object: {self._text[:60]!r}. Remove its ledger to search again."
            ) from error

    def __getitem__(self, name: str) -> Metric:
        return self.decoded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decoded())

    def __len__(self) -> int:
        return len(self.decoded())

    def items(self) -> ItemsView[str, Metric]:
        """Return names and values, decoded once for all of them."""
        return self.decoded().items()

    def values(self) -> ValuesView[Metric]:
        """Return the values, decoded once for all of them."""
        return self.decoded().values()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StoredMetrics):
            return self._text == other._text
        return isinstance(other, Mapping) and self.decoded() == dict(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.decoded())
