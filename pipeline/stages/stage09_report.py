"""Stage 9: the comparison, the verdict and everything that is published, made from the files of the stages before and nothing else."""

from core.atomic_files import sha256_of_file, write_bytes
from core.canonical_json import dump_bytes, read_json
from core.errors import CorruptFileError
from core.run_folder import stage_named
from pipeline.context import RunContext
from pipeline.report_view import comparison_table, gate_table
from pipeline.stage_work import StageOutcome, StageWork
from reporting import publish_report, read_result
from reporting.selection import load_selection

STAGE = stage_named("report")
# Stands for the run's id in the list of published files, so that equal runs have equal lists.
RUN = "<RUN>"
_CONSUMED = ("selection", "strategy", "baseline", "optimize", "walkforward")


def _inputs(context: RunContext) -> dict[str, str]:
    settings = {"settings": context.part_hash("mode", "seed", "gaps", "start", "end"), "verdict": context.part_hash("verdict")}
    return {name: context.record_hash(name) for name in _CONSUMED} | settings


def _run(context: RunContext) -> StageOutcome:
    """Publish results, exports and raw logs, and remember their hashes."""
    data = context.paths.data
    written = publish_report(context.run)
    hashes = {path.relative_to(data).as_posix().replace(context.run.run_id, RUN): sha256_of_file(path) for path in written}
    path = context.run.stage(STAGE) / "published.json"
    write_bytes(path, dump_bytes(hashes))
    report = read_result(context.run.results, "report")["markets"]
    markets = load_selection(context.run)
    tables = tuple(table(market.label, report[market.slug]) for market in markets for table in (comparison_table, gate_table))
    return StageOutcome((path,), tables)


def _intact(context: RunContext) -> bool:
    """Tell whether everything published is still there as it was written; if not, it is published again."""
    path = context.run.stage(STAGE) / "published.json"
    try:
        hashes = read_json(path)
        files = {context.paths.data / name.replace(RUN, context.run.run_id): sha for name, sha in hashes.items()}
        return all(file.is_file() and sha256_of_file(file) == sha for file, sha in files.items())
    except (CorruptFileError, OSError, AttributeError):
        return False


REPORT = StageWork(STAGE, _inputs, _run, _intact)
