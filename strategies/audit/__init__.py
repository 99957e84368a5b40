"""The look-ahead audit: does a strategy say of a bar only what could be known at that bar's close?"""

from strategies.audit.auditing import DEFAULT_CUTS, audit_strategy
from strategies.audit.causality import Leak, find_leaks
from strategies.audit.cuts import choose_cuts
from strategies.audit.result import AuditResult, Check, Finding

__all__ = ["DEFAULT_CUTS", "AuditResult", "Check", "Finding", "Leak", "audit_strategy", "choose_cuts", "find_leaks"]
