"""A hundred texts that would run as code on a page that took them for markup, and a data folder that holds them everywhere."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes
from core.paths import Paths
from core.run_folder import RunFolder
from tests.dashboard.sample_run import CREATED_MS, RUN_ID, SLUG, SampleMarket, market_folder, uncommit, write_run

# Each calls hit(N), and each tag that it would make has an attribute or a name that no page has.
_BREAKS = ("", '">', "'>", "</title>", "</script>", "</textarea></style>", "-->", "]]>", "</option></select>", "</td></tr></table>")
_TAGS = (
    "<script data-planted>hit(N)</script>",
    "<img data-planted src=x onerror=hit(N)>",
    "<svg data-planted onload=hit(N)>",
    "<details data-planted open ontoggle=hit(N)>",
    "<input data-planted autofocus onfocus=hit(N)>",
    "<body data-planted onpageshow=hit(N)>",
    "<iframe data-planted srcdoc='<script>parent.hit(N)</script>'>",
)
_OTHERS = (
    '" onmouseover="hit(N)" data-planted="', "' onfocus='hit(N)' autofocus data-planted='", "` onload=`hit(N)` data-planted=`",
    "javascript:hit(N)", "JaVaScRiPt:hit(N)//", "data:text/html,<script data-planted>hit(N)</script>",
    "{{constructor.constructor('hit(N)')()}}", "{{7*7}}{% raw %}<b data-planted>N", "${hit(N)}", "#{hit(N)}", "<%= hit(N) %>",
    "<a data-planted href='javascript:hit(N)'>x</a>", "<math data-planted><mtext></mtext><script>hit(N)</script></math>",
    "<svg data-planted><script>hit(N)</script></svg>", "<object data-planted data='javascript:hit(N)'></object>",
    "<embed data-planted src='javascript:hit(N)'>", "<link data-planted rel=stylesheet href='javascript:hit(N)'>",
    "<meta data-planted http-equiv=refresh content='0;url=javascript:hit(N)'>", "<base data-planted href='javascript:hit(N)//'>",
    "<form data-planted><button formaction='javascript:hit(N)' autofocus>", "<style data-planted>@import 'javascript:hit(N)';</style>",
    "<scr<script>ipt data-planted>hit(N)</scr</script>ipt>", "\u003cimg data-planted src=x onerror=hit(N)\u003e",
    "&lt;img data-planted src=x onerror=hit(N)&gt;", "%3Cimg data-planted src=x onerror=hit(N)%3E", "\\x3cimg src=x onerror=hit(N)\\x3e",
    "</script\u2028><script data-planted>hit(N)</script>", "\u2028hit(N)\u2029", "<b data-planted style='x:expression(hit(N))'>N",
    "<image data-planted href=x onerror=hit(N)>",
)  # fmt: skip


def payloads() -> list[str]:
    """Return the hundred texts, each with a number of its own."""
    made = [*(f"{before}{tag}" for before, tag in product(_BREAKS, _TAGS)), *_OTHERS]
    return [
        text.replace("N", str(number)) if "{" not in text else text.replace("hit(N)", f"hit({number})") for number, text in enumerate(made)
    ]


PAYLOADS = payloads()


@dataclass(frozen=True)
class Planted:
    """Where the texts were planted: the run that holds them all, and the names of its files to download."""

    run: RunFolder
    files: tuple[str, ...]


def plant(paths: Paths) -> Planted:
    """Write a finished run with the texts in every place that a page shows, runs with each as its symbol, tags, logs and folders."""
    run = write_run(
        paths,
        markets=(SampleMarket(PAYLOADS[0], PAYLOADS[1], SLUG, True),),
        settings={"symbol": PAYLOADS[2], "mode": PAYLOADS[3], "exchange": PAYLOADS[4], **dict(zip(PAYLOADS, PAYLOADS, strict=True))},
        strategy={"name": PAYLOADS[5], **dict(zip(PAYLOADS, PAYLOADS, strict=True))},
    )
    _report(run)
    _tables(run)
    _json_files(run)
    uncommit(run)
    for number, text in enumerate(PAYLOADS):
        other = RunFolder(paths, f"20240101-000000-{number:04d}")
        settings = {"mode": text, "exchange": text, "symbol": text, "timeframe": "1h", "strategy": {"name": text}}
        write_bytes(other.settings_file, dump_bytes({"schema": 1, "settings": settings, "created_ms": CREATED_MS - number}))
        _folder(paths.checkpoints, text)
    tags = {RUN_ID: PAYLOADS[:12], **{f"20240101-000000-{number:04d}": [text] for number, text in enumerate(PAYLOADS)}}
    write_bytes(paths.dashboard / "tags.json", dump_bytes({"schema": 1, "runs": tags}))
    _logs(paths)
    return Planted(run, tuple(_downloads(run)))


def _report(run: RunFolder) -> None:
    path = run.results / "report.json"
    report = json.loads(path.read_text())
    market = report["markets"][SLUG]
    gate, row = market["verdict"]["gates"][0], market["comparison"]["rows"][0]
    texts = ("name", "sentence", "comparison", "reason")
    market["verdict"] |= {"headline": PAYLOADS[6], "text": PAYLOADS[7], "gates": [gate | dict.fromkeys(texts, text) for text in PAYLOADS]}
    market["comparison"]["rows"] = [row | {"label": text, "definition": text, "unit": text, "metric": text} for text in PAYLOADS]
    path.write_text(json.dumps(report))


def _tables(run: RunFolder) -> None:
    """Let the text columns of trades and entries hold the texts, one after another."""
    for path in run.checkpoints.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        texts = [name for name, kind in frame.schema.items() if kind == pl.String]
        if texts:
            column = pl.Series([PAYLOADS[index % len(PAYLOADS)] for index in range(len(frame))], dtype=pl.String)
            frame.with_columns(column.alias(name) for name in texts).write_parquet(path)


def _json_files(run: RunFolder) -> None:
    """Let every text in the JSON files of the market be one of the texts, and the names of parameters too."""
    supply = iter(PAYLOADS * 50)
    for name in ("baseline/baseline.json", "baseline/quality.json", "optimize/optimization.json", "walkforward/walkforward.json"):
        stage, _, file = name.partition("/")
        path = market_folder(run, stage) / file
        path.write_text(json.dumps(_with_texts(json.loads(path.read_text()), supply)))


def _with_texts(value: Any, supply: Iterator[str]) -> Any:
    if isinstance(value, dict):
        names = {"params", "best_params", "drift", "final_config"}
        return {key: _renamed(item, supply) if key in names else _with_texts(item, supply) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_texts(item, supply) for item in value]
    return next(supply) if isinstance(value, str) and value != "full" else value


def _renamed(value: Any, supply: Iterator[str]) -> Any:
    return {**value, **{next(supply): item for item in value.values()}} if isinstance(value, dict) else value


def _folder(parent: Path, name: str) -> None:
    """Make a folder of that name, as far as a name can hold it."""
    (parent / name.replace("/", "\u2215")[:80]).mkdir(exist_ok=True)


def _downloads(run: RunFolder) -> Iterator[str]:
    for text in PAYLOADS:
        name = text.replace("/", "\u2215")[:80] + ".csv"
        write_bytes(run.exports / name, b"x\n1\n")
        yield name


def _logs(paths: Paths) -> None:
    paths.logs.mkdir(parents=True, exist_ok=True)
    record = {"time": "2025-01-02T03:04:05.678Z", "level": "ERROR", "logger": "pipeline"}
    lines = [json.dumps(record | {"message": text, "logger": f"pipeline.{text}"}) for text in PAYLOADS]
    (paths.logs / "pipeline.log").write_text("\n".join(lines) + "\n")
