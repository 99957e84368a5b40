"""Who may ask the dashboard, how, and for what: one rule a file, all of them put on the application by ``protect``."""

from dashboard.security.access import Access, Caller, caller_key, current_caller
from dashboard.security.debug import refuse_debug_mode
from dashboard.security.protection import protect

__all__ = ["Access", "Caller", "caller_key", "current_caller", "protect", "refuse_debug_mode"]
