"""No debug mode: its debugger runs code that a browser sends."""

import os

from core.errors import ConfigError

_OFF = {"", "0", "false", "no", "off"}


def refuse_debug_mode() -> None:
    """Raise ConfigError when FLASK_DEBUG asks for the debugger, which runs code from the browser."""
    value = os.environ.get("FLASK_DEBUG", "")
    if value.strip().lower() not in _OFF:
        raise ConfigError(f"FLASK_DEBUG is set to '{value}': debug mode would run code sent by a browser. Unset it.")
