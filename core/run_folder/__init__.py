"""A run's folders: their layout, the commit protocol, the lock and the reader, shared by the pipeline and the dashboard."""

from core.run_folder.commit import SCHEMA_VERSION, StageRecord, commit_stage, current_record, read_stage_record
from core.run_folder.layout import STAGES, RunFolder, Stage, list_run_ids, stage_named, validate_run_id
from core.run_folder.lock import RunLock

__all__ = [
    "SCHEMA_VERSION",
    "STAGES",
    "RunFolder",
    "RunLock",
    "Stage",
    "StageRecord",
    "commit_stage",
    "current_record",
    "list_run_ids",
    "read_stage_record",
    "stage_named",
    "validate_run_id",
]
