"""Starting the logs with the keys of config/.env masked, for every command that writes any."""

import logging
from collections.abc import Mapping

from config.secrets import Secrets, read_secrets
from core.errors import CredentialError
from core.logs import RedactionFilter, configure_logging
from core.paths import Paths


def start_logging(paths: Paths, *, console: logging.Handler | None = None, levels: Mapping[str, str] | None = None) -> Secrets:
    """Configure the logs so that no key appears in them, and return the keys; the errors are those of reading and configuring."""
    secrets = read_secrets(paths.config)
    configure_logging(paths.logs, console=console, secrets=secrets.values(), levels=levels)
    return secrets


def redaction_for(paths: Paths) -> RedactionFilter:
    """Return what masks the keys in a text; a file of keys that cannot be read has none to show."""
    try:
        return RedactionFilter(read_secrets(paths.config).values())
    except CredentialError:
        return RedactionFilter()
