"""The product keeps to its architecture, and the checker that says so catches each kind of breach."""

from pathlib import Path

import pytest

from tests.architecture.rules import check
from tests.architecture.sources import LADDER, read_modules
from tests.conftest import ROOT


def test_product_keeps_its_rules() -> None:
    breaches = check(ROOT)
    assert not breaches, "\n" + "\n".join(breaches)


def test_every_package_on_disk_is_read() -> None:
    on_disk = {rung for rung in LADDER if any((ROOT / rung).rglob("*.py")) or (ROOT / f"{rung}.py").exists()}
    assert on_disk
    assert {module.package for module in read_modules(ROOT)} == on_disk


def test_sound_sources_pass(tmp_path: Path) -> None:
    sources = {
        "core/__init__.py": '"""Vocabulary."""\nfrom core.errors import DataError\n__all__ = ["DataError"]\n',
        "core/errors.py": "class DataError(Exception): ...\n",
        "core/clock.py": "import time\nfrom datetime import datetime, UTC\ntime.time()\ndatetime.now(UTC)\n",
        "core/tables.py": "def frame():\n    import pandas\n    return pandas.DataFrame()\n",
        "config/files.py": "import yaml\nfrom core.errors import DataError\ndef load(t):\n    return yaml.safe_load(t)\n",
        "strategies/registry.py": "import importlib\ndef find(names):\n    return [importlib.import_module(n) for n in names]\n",
        "backtest_engine/kernels/__init__.py": '"""Kernels."""\n',
        "backtest_engine/kernels/fill.py": (
            '"""Fill."""\nimport numba\nSIDE = 1\nLIMIT: int = 2\n@numba.njit(cache=True)\ndef fill(x):\n    return x\n'
        ),
        "strategies/indicators/ema.py": "from numba import njit\n@njit\ndef ema(x):\n    return x\n",
        "pipeline/cli.py": (
            "import importlib\nTABLE = {'run': 'pipeline.run:run', 'demo': 'pipeline.demo'}\nNAME = 'run_pipeline.py'\n"
            "def load(name):\n    return importlib.import_module(TABLE[name])\n"
        ),
        "pipeline/demo.py": "from pipeline import cli\nfrom market_data import store\nimport time\nclock = time.monotonic\n",
        "run_pipeline.py": "from pipeline.cli import load\n",
    }
    write(tmp_path, sources)
    assert check(tmp_path) == []


BREACHES = {
    "right of it": ({"core/a.py": "import config.models\n"}, "core/a.py:1: core imports config.models"),
    "right of it, from": ({"exchanges/a.py": "from market_data import store\n"}, "exchanges imports market_data.store"),
    "right of it, nested": ({"reporting/deep/a.py": "import os, dashboard\n"}, "reporting imports dashboard"),
    "right of it, relative": ({"core/__init__.py": "from ..config import models\n"}, "core imports config.models"),
    "right of it, in a function": ({"core/a.py": "def f():\n    import config\n"}, "core/a.py:2: core imports config"),
    "right of it, for types": (
        {"core/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from config import X\n"},
        "core imports config.X",
    ),
    "right of it, importlib": ({"core/a.py": "import importlib as i\ni.import_module('pipeline.cli')\n"}, "core imports pipeline.cli"),
    "right of it, importlib name": ({"core/a.py": "from importlib import import_module\nimport_module('config')\n"}, "core imports config"),
    "right of it, __import__": ({"core/a.py": "__import__('config')\n"}, "core imports config"),
    "right of it, f-string": ({"core/a.py": "import importlib\nn = 1\nimportlib.import_module(f'config.{n}')\n"}, "core imports config"),
    "right of it, table": ({"dashboard/a.py": "T = {'run': 'pipeline.commands.run:run'}\n"}, "dashboard imports pipeline.commands.run"),
    "the entry point": ({"pipeline/a.py": "import run_pipeline\n"}, "pipeline imports run_pipeline"),
    "command table": ({"pipeline/cli.py": "T = {'x': 'run_pipeline.main'}\n"}, "pipeline imports run_pipeline.main"),
    "tests": ({"core/a.py": "from tests.fakes import server\n"}, "the product runs without tests/"),
    "data": ({"core/a.py": "import data\n"}, "the product runs without data/"),
    "benchmarks": ({"run_pipeline.py": "import benchmarks.speed\n"}, "the product runs without benchmarks/"),
    "foreign library": ({"backtest_engine/a.py": "import ray\n"}, "backtest_engine must know nothing of ray"),
    "late own import": ({"config/a.py": "def f():\n    from core import errors\n"}, "late, in a function"),
    "late importlib": ({"config/a.py": "import importlib\ndef f():\n    importlib.import_module('core.x')\n"}, "late, in a function"),
    "table outside the command line": ({"pipeline/a.py": "T = ['core.errors:DataError']\n"}, "late, in a function or by a string"),
    "unreadable import": ({"config/a.py": "import importlib\nname = 'core'\nimportlib.import_module(name)\n"}, "name it literally"),
    "cycle": ({"core/a.py": "from core.b import x\n", "core/b.py": "import core.a\n"}, "import cycle: core.a -> core.b -> core.a"),
    "cycle of three": (
        {"core/a.py": "from core import b\n", "core/b.py": "from . import c\n", "core/c.py": "from .a import x\n"},
        "import cycle: core.a -> core.b -> core.c",
    ),
    "cycle through the package": (
        {"core/__init__.py": "from core.a import x\n", "core/a.py": "from core import y\n"},
        "import cycle: core -> core.a -> core",
    ),
    "cycle for types": (
        {"core/a.py": "import core.b\n", "core/b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import core.a\n"},
        "import cycle",
    ),
    "pickle": ({"core/a.py": "import pickle\n"}, "imports pickle"),
    "joblib": ({"core/a.py": "def f():\n    from joblib import load\n"}, "imports joblib.load"),
    "marshal": ({"core/a.py": "import marshal as m\n"}, "imports marshal"),
    "eval": ({"core/a.py": "eval('1')\n"}, "uses eval"),
    "eval handed over": ({"core/a.py": "x = map(eval, [])\n"}, "uses eval"),
    "exec": ({"core/a.py": "import builtins as b\nb.exec('1')\n"}, "uses builtins.exec"),
    "yaml.load": ({"core/a.py": "import yaml as y\ny.load('', y.Loader)\n"}, "uses yaml.load"),
    "from yaml": ({"core/a.py": "from yaml import unsafe_load\nunsafe_load('')\n"}, "uses yaml.unsafe_load"),
    "shell": ({"core/a.py": "import subprocess\nsubprocess.run('ls', shell=True)\n"}, "passes shell=True"),
    "os.system": ({"core/a.py": "import os\nos.system('ls')\n"}, "uses os.system"),
    "allow_pickle": ({"core/a.py": "import numpy as np\nnp.load('x', allow_pickle=True)\n"}, "passes allow_pickle=True"),
    "time.time": ({"config/a.py": "import time\ntime.time()\n"}, "config/a.py:2: reads time.time"),
    "time, renamed": ({"config/a.py": "from time import time_ns as now\nnow()\n"}, "reads time.time_ns"),
    "clock handed over": ({"config/a.py": "import time\nclock = time.time\n"}, "reads time.time"),
    "now": ({"config/a.py": "from datetime import datetime as d, UTC\nd.now(UTC)\n"}, "reads datetime.datetime.now"),
    "now, whole module": ({"config/a.py": "import datetime\ndatetime.datetime.utcnow()\n"}, "reads datetime.datetime.utcnow"),
    "today": ({"config/a.py": "from datetime import date\ndate.today()\n"}, "reads datetime.date.today"),
    "plain function in a kernel": ({"backtest_engine/kernels/a.py": "def f(x):\n    return x\n"}, "function f is not compiled"),
    "class in a kernel": ({"strategies/indicators/a.py": "class State: ...\n"}, "ClassDef State"),
    "lambda in a kernel": ({"strategies/indicators/a.py": "f = lambda x: x\n"}, "a lambda"),
    "statement in a kernel": ({"backtest_engine/kernels/deep/a.py": "for i in range(3):\n    pass\n"}, "For"),
    "other decorator in a kernel": (
        {"backtest_engine/kernels/a.py": "from functools import cache\n@cache\ndef f(x):\n    return x\n"},
        "function f is not compiled",
    ),
}


@pytest.mark.parametrize(("sources", "expected"), BREACHES.values(), ids=BREACHES)
def test_breach_is_caught(tmp_path: Path, sources: dict[str, str], expected: str) -> None:
    write(tmp_path, sources)
    assert any(expected in breach for breach in check(tmp_path)), check(tmp_path)


def write(root: Path, sources: dict[str, str]) -> None:
    for name, text in sources.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf8")
