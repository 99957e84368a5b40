"""The numbers of a trial as its ledger line holds them: text until somebody asks.

A search of 100,000 trials looks at the metrics of a few of them, and at few parameters. As text they take a quarter of the memory of
dictionaries, and reading a ledger takes half the time; looking into them takes some microseconds, each time anew.
"""

import json
import math
import re
from abc import abstractmethod
from collections.abc import ItemsView, Iterator, Mapping, ValuesView

from backtest_engine.metrics import Metrics
from core.errors import CorruptFileError

Metric = float | int | bool

# The names of the metrics are two thirds of their text, and the same for all trials.
_NAMES = tuple(sorted(Metrics.names()))
_WITH_NAMES = re.compile(b"{%s}" % b",".join(b'"%s":([^,{}]+)' % name.encode() for name in _NAMES))


class StoredNumbers(Mapping[str, Metric]):
    """A read-only mapping, names sorted; nan where its text says null. CorruptFileError, when looked into: the text is no such object."""

    __slots__ = ("_text",)
    _text: bytes | str  # canonical, so that equal texts are equal numbers

    def decoded(self) -> dict[str, Metric]:
        """Return them as a dictionary."""
        try:
            return {name: math.nan if value is None else value for name, value in sorted(self._loaded().items())}
        except (ValueError, AttributeError) as error:
            raise CorruptFileError(
                f"a trial holds what is no JSON object: {self._text[:60]!r}. Remove its ledger to search again."
            ) from error

    @abstractmethod
    def _loaded(self) -> dict[str, Metric | None]:
        """Return what the text says; ValueError when it is no JSON."""

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
        if isinstance(other, type(self)):
            return self._text == other._text
        return isinstance(other, Mapping) and self.decoded() == dict(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.decoded())


class StoredMetrics(StoredNumbers):
    """The metrics in the JSON object ``text``; of the usual ones, in the usual spelling, only the values are kept."""

    __slots__ = ()
    _text: bytes

    def __init__(self, text: bytes) -> None:
        usual = _WITH_NAMES.fullmatch(text)
        self._text = text if usual is None else b",".join(usual.groups())

    def _loaded(self) -> dict[str, Metric | None]:
        text = self._text.decode()
        return json.loads(text) if text[:1] in ("{", "") else dict(zip(_NAMES, json.loads(f"[{text}]"), strict=True))


class StoredParams(StoredNumbers):
    """The parameters whose canonical text is ``key``, which the trial has anyway."""

    __slots__ = ()

    def __init__(self, key: str) -> None:
        self._text = key

    def _loaded(self) -> dict[str, Metric | None]:
        return json.loads(self._text)  # type: ignore[no-any-return]
