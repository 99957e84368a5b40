"""What the dashboard costs on a run of a million candles, ten thousand trades and a hundred thousand trials.

Usage: python -m benchmarks.dashboard [--seconds 10] [--pairs 3] [--repeats 3] [--chromium PATH] [--data FOLDER] [--parts look browser load]

``look``: first looks at fresh servers, zooms, bytes on the wire and memory, without a browser. ``browser``: the same first looks until the
chart is drawn in Chromium. ``load``: fifty connections ask ten requests a second while a search writes. The run is generated in a folder
of its own (or once in ``--data``, where it is found again).
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.dashboard import browsing, load, looking
from benchmarks.dashboard.serving import paths_of
from core.run_folder import RunFolder
from tests.dashboard.large_run import LARGE_RUN, Size, write_large_run

PARTS = ("look", "browser", "load")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The cost of the dashboard on a run of the largest size.")
    parser.add_argument("--seconds", type=float, default=10, help="how long each stretch of load takes")
    parser.add_argument("--pairs", type=int, default=3, help="how many stretches with load and without take turns")
    parser.add_argument("--repeats", type=int, default=3, help="how many first looks at each page")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser; without one that part is left out")
    parser.add_argument("--data", type=Path, help="a folder to generate the run in, or where an earlier call did")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args(arguments)
    with ExitStack() as stack:
        data = (asked.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))).resolve()
        if not RunFolder(paths_of(data), LARGE_RUN).checkpoints.is_dir():
            write_large_run(paths_of(data), Size())
        reports: dict[str, Callable[[], list[str]]] = {
            "look": lambda: looking.report(data, Size(), asked.repeats),
            "browser": lambda: browsing.report(data, asked.chromium, asked.repeats) if asked.chromium else ["no browser: see --chromium"],
            "load": lambda: load.report(data, Size(), asked.seconds, asked.pairs),
        }
        for part in asked.parts:
            print("\n".join(reports[part]()), flush=True)


if __name__ == "__main__":
    main()
