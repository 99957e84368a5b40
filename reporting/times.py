"""Times as text for files."""

from core.clock import utc_from_ms


def iso_utc(ms: int) -> str:
    """Return ``2024-01-31T12:00:00Z`` for UTC milliseconds."""
    return utc_from_ms(int(ms)).isoformat().replace("+00:00", "Z")
