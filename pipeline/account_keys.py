"""Which keys a venue's account needs, which are set, and what works without them: for stage 1 and for ``doctor``. No value is shown."""

from dataclasses import dataclass
from typing import Literal

from config.secrets import REQUIRED_KEYS, Secrets
from exchanges.venues import VENUES

KEY_FILE = "config/.env"


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """What is to be said about an exchange's keys: ``works`` is what they allow as they are, ``missing`` the names that are not set."""

    state: Literal["ok, set", "missing", "not set", "partly set", "none needed"]
    works: str
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """True when the account can be asked about."""
        return self.state == "ok, set"

    @property
    def partly(self) -> bool:
        """True when somebody meant to set all keys and did not."""
        return self.state == "partly set"

    @property
    def barred(self) -> bool:
        """True when nothing can be loaded from the exchange without the missing keys."""
        return self.state == "missing"

    @property
    def remedy(self) -> str:
        """What to do about the missing keys."""
        return f"set {', '.join(self.missing)} in {KEY_FILE} ({KEY_FILE}.example says where keys are made)"


def keys_of(exchange: str, secrets: Secrets) -> AccountKeys:
    """Return what is to be said about the keys of ``exchange``."""
    names, missing = REQUIRED_KEYS.get(exchange, ()), secrets.missing_for(exchange)
    if not names:
        return AccountKeys("none needed", "everything")
    if not missing:
        return AccountKeys("ok, set", "everything")
    if not VENUES[exchange].public:
        return AccountKeys("missing", "nothing", missing)
    return AccountKeys("partly set" if len(missing) < len(names) else "not set", "public candles", missing)
