"""How often the verdict passes series of which the truth is known: without structure, and with a planted edge.

Usage: python -m benchmarks.self_test noise FOLDER CANDLE_FILE   (hourly candles of at least the number of days, such as BTCUSDT)
       python -m benchmarks.self_test power FOLDER
       python -m benchmarks.self_test calibrate   (prints the strengths of calibration.py)

Every series goes through the whole pipeline in a process and a data folder of its own, two at a time; what has ended stays in FOLDER, so
that the same command goes on where it was interrupted. What the series are is told in series.py and calibration.py.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.self_test.calibration import SERIES, STRENGTHS, THREE_YEARS, sharpes, strength_of
from benchmarks.self_test.campaigns import QUICK, noise, power, run_all
from benchmarks.self_test.runs import Series
from benchmarks.self_test.tables import missing, table
from market_data import read_candle_file


def main(arguments: list[str] | None = None) -> int:
    """Run a campaign and print its table; return 1 when a series could not be run."""
    options = _parser().parse_args(arguments)
    if options.command == "calibrate":
        _calibrate()
        return 0
    assignments = [*(QUICK if options.quick else []), *options.assignments]
    groups, troubles = run_all(_campaign(options), options.folder.resolve(), assignments, options.processes, print)
    print(table(groups))
    for text in (missing(groups), *troubles):
        if text:
            print(f"\n{text}")
    return 1 if troubles else 0


def _campaign(options: argparse.Namespace) -> list[Series]:
    if options.command == "noise":
        return noise(read_candle_file(options.candles), options.series, options.days)
    return power([float(each) for each in options.sharpe.split(",")], options.series)


def _calibrate() -> None:
    for sharpe in STRENGTHS:
        strength = round(strength_of(sharpe), 4)
        mean, error = sharpes(strength)
        print(f"Sharpe ratio {sharpe:g}: strength {strength} (mean {mean:.3f} of {SERIES} series, standard error {error:.3f})")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.self_test", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("calibrate")
    for name, series in (("noise", 100), ("power", 40)):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path)
        command.add_argument("--series", type=int, default=series, help="in all; of power: for each Sharpe ratio")
        command.add_argument("--processes", type=int, default=2, help="series at a time")
        command.add_argument("--quick", action="store_true", help=f"fewer trials and permutations: {', '.join(QUICK)}")
        command.add_argument("--set", dest="assignments", action="append", default=[], metavar="KEY=VALUE", help="a setting of the runs")
        if name == "noise":
            command.add_argument("candles", type=Path)
            command.add_argument("--days", type=int, default=THREE_YEARS)
        else:
            command.add_argument("--sharpe", default="1,2,3,4", help="true Sharpe ratios, with commas")
    return parser


if __name__ == "__main__":
    sys.exit(main())
