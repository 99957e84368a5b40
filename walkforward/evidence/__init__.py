"""What a run shows for its strategy: the statistics of luck, fed from the ledgers of its own search."""

from walkforward.evidence.account_statistics import Curve
from walkforward.evidence.statistic import statistic, without
from walkforward.evidence.study import Evidence, EvidencePlan, lost_evidence, work_on_evidence
from walkforward.evidence.trial_points import SearchTrials, search_trials, trials_in
from walkforward.evidence.trial_returns import Account

__all__ = [
    "Account",
    "Curve",
    "Evidence",
    "EvidencePlan",
    "SearchTrials",
    "lost_evidence",
    "search_trials",
    "statistic",
    "trials_in",
    "without",
    "work_on_evidence",
]
