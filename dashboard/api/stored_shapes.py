"""The shapes of stored JSON that the API hands out, by the names they have in its document."""

from collections.abc import Mapping

from reporting.schema import QUALITY, RESULT_FILES, WALKFORWARD
from reporting.shapes import Shape
from reporting.significance_schema import SIGNIFICANCE

STORED: Mapping[str, Shape] = {
    "Report": RESULT_FILES["report"],
    "Quality": QUALITY,
    "Significance": SIGNIFICANCE,
    "WindowsPage": {
        "items": WALKFORWARD["windows"],
        "total": int,
        "page": int,
        "size": int,
        "summary": {name: shape for name, shape in WALKFORWARD.items() if name != "windows"},
    },
}
