"""Judging an answer: its status, the venue's own error codes and the body, read strictly."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from core.clock import format_utc, ms_from_datetime
from core.errors import APIError, ConfigError, CredentialError, DataError, PipelineError, RateLimitError
from exchanges.facts import Refusal, VenueFacts
from exchanges.http_troubles import Trouble
from exchanges.timing import Clock

# The longest wait that a 429 may ask for. A ban (418) counts as long as it is, unless no venue can mean it: Binance's last up to 3 days.
_LONGEST_WAIT_S, _LONGEST_BAN_S, _USUAL_BAN_S = 3600.0, 30 * 86_400.0, 120.0
# Headers of signed requests that say nothing about who asks, and how short a word is no secret.
_OPEN_HEADERS, _SHORTEST_SECRET = frozenset({"accept", "content-type", "user-agent", "x-kite-version"}), 6
_ADVICE = "Try again later."
_BANNED_UNTIL = re.compile(r"banned until (\d{13})\b")


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A whole answer: status, headers (their names in any case), body, and what the body says (None until read)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Any = None


@dataclass(frozen=True, slots=True)
class VenueError:
    """A venue's error code and text."""

    code: str
    text: str


ErrorReader = Callable[[int, Any], VenueError | None]


def strict_json(body: bytes) -> Any:
    """Return what the JSON ``body`` says; ValueError for anything else, for NaN and infinities, and for absurd numbers."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def code_and_message(_status: int, said: Any) -> VenueError | None:
    """Read errors of the form ``{"code": -1121, "msg": "..."}``, whatever the status."""
    if isinstance(said, dict) and isinstance(said.get("code"), int) and isinstance(said.get("msg"), str) and said["code"] < 0:
        return VenueError(str(said["code"]), said["msg"])
    return None


def judge(
    venue: VenueFacts, name: str, reply: HttpReply, read_error: ErrorReader, parse: Callable[[bytes], Any], clock: Clock
) -> "HttpReply | Trouble":
    """Return the reply with its body read, or what is wrong with it. The body's text is shown only where it is the venue's message."""
    if reply.status in (418, 429):
        return _limited(name, reply, clock)
    good = 200 <= reply.status < 300
    try:
        said = parse(reply.body) if good else strict_json(reply.body)
    except (ValueError, PipelineError) as error:
        if not good:
            return _by_status(name, reply, clock)
        shown = "an HTML page" if reply.body.lstrip()[:1] == b"<" else f"{len(reply.body)} bytes"
        return Trouble(DataError(f"{name} answers with {shown} that cannot be read: {_reason(error)}. Try again later."), again=True)
    refusal = read_error(reply.status, said)
    if refusal is not None:
        return _refused(venue, name, reply, refusal, clock)
    return HttpReply(reply.status, reply.headers, reply.body, said) if good else _by_status(name, reply, clock)


def _refused(venue: VenueFacts, name: str, reply: HttpReply, refusal: VenueError, clock: Clock) -> "HttpReply | Trouble":
    kind = venue.errors.get(refusal.code)
    said = f"{name} says: {_printable(refusal.text)} (code {_printable(refusal.code)}, HTTP {reply.status})."
    if kind == Refusal.EMPTY:
        return HttpReply(reply.status, reply.headers, reply.body, None)
    if kind == Refusal.LIMIT:
        return _limited(name, reply, clock)
    if kind == Refusal.CREDENTIAL:
        keys = ", ".join(venue.required_keys)
        return Trouble(
            CredentialError(f"{said} Check {keys} in config/.env or the environment, the key's permissions and its address list."),
            again=False,
        )
    if kind == Refusal.CLOCK:
        return Trouble(APIError(f"{said} Set this computer's clock: it is off, or it jumps."), again=False, kind=kind)
    if kind == Refusal.SYMBOL:
        return Trouble(ConfigError(f"{said} Choose a symbol that the venue lists."), again=False, kind=kind)
    if kind == Refusal.RETRY or (kind is None and reply.status >= 500):
        return Trouble(APIError(f"{said} Try again later."), again=True, wait_s=_capped_wait(reply, clock))
    return Trouble(APIError(f"{said} Check what was asked for; if it is right, the venue has changed."), again=False)


def _by_status(name: str, reply: HttpReply, clock: Clock) -> Trouble:
    """Judge an error that does not explain itself."""
    status = reply.status
    if 300 <= status < 400:
        text = f"answers with a redirect (HTTP {status}), which is not followed. Check the address."
        return Trouble(APIError(f"{name} {text}"), again=False)
    if status == 401:
        return Trouble(CredentialError(f"{name} refuses the key (HTTP 401). Check it in config/.env or the environment."), again=False)
    remedies = {
        403: "refuses the request (HTTP 403), probably its firewall. Wait some minutes, and check the key's address list and any VPN.",
        # The law does not change within seconds.
        451: "is blocked in the region you ask from (HTTP 451). Choose another exchange; if you are elsewhere, check any VPN or proxy.",
        404: "knows no such address (HTTP 404). Check the venue's base address.",
    }
    text = remedies.get(status, f"answers with HTTP {status}. Try again later.")
    again = status >= 500 or status in (403, 408, 425)
    return Trouble(APIError(f"{name} {text}"), again=again, wait_s=_capped_wait(reply, clock) if again else None)


def _limited(name: str, reply: HttpReply, clock: Clock) -> Trouble:
    """Judge a broken limit: wait, or, when the address is banned, stop."""
    told_s, named_s = _told_wait(reply, clock), _ban_in_text(reply, clock)
    if reply.status == 418 or named_s is not None:
        # A ban that is over before it began was dated by a clock that is off: ours.
        waits = [wait for wait in (told_s, named_s) if wait]
        whole_s = max(waits, default=_USUAL_BAN_S)
        ban_s = min(whole_s, _LONGEST_BAN_S)
        until = f"{'at least ' if whole_s > ban_s else ''}{format_utc(clock.now_ms() + int(ban_s * 1000))}"
        text = f"has banned this computer's address until {until} UTC (HTTP {reply.status}). Nothing is sent to it before; try again then."
        return Trouble(RateLimitError(f"{name} {text}"), again=False, wait_s=ban_s, kind=Refusal.LIMIT)
    wait_s = _capped_wait(reply, clock)
    text, when = f"asks for fewer requests (HTTP {reply.status})", "in a minute"
    if told_s is not None and wait_s is not None:
        capped = f", of {told_s:.0f} s, capped at 1 h," if told_s > wait_s else ""
        text += f" and a wait{capped} until {format_utc(clock.now_ms() + int(wait_s * 1000))} UTC"
        when = "then"
    return Trouble(RateLimitError(f"{name} {text}. Try again {when}, or lower the load."), again=True, wait_s=wait_s)


def _capped_wait(reply: HttpReply, clock: Clock) -> float | None:
    told_s = _told_wait(reply, clock)
    return None if told_s is None else min(told_s, _LONGEST_WAIT_S)


def _told_wait(reply: HttpReply, clock: Clock) -> float | None:
    """Return the seconds that the venue says to wait, None when it says nothing that makes sense."""
    in_ms = _number(reply.headers.get("X-RATE-LIMIT-RESET"))
    if in_ms is not None:
        return in_ms / 1000
    text = reply.headers.get("Retry-After")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    moment, sent = _date_ms(text), _date_ms(reply.headers.get("Date", ""))
    if moment is None:
        return None
    return max((moment - (clock.now_ms() if sent is None else sent)) / 1000, 0.0)


def _ban_in_text(reply: HttpReply, clock: Clock) -> float | None:
    """Return the seconds to the end of a ban that the text dates, by the venue's own clock where the answer shows it."""
    found = _BANNED_UNTIL.search(reply.body[:2000].decode(errors="replace"))
    if not found:
        return None
    sent = _date_ms(reply.headers.get("Date", ""))
    return max((int(found[1]) - (clock.now_ms() if sent is None else sent)) / 1000, 0.0)


def _number(text: str | None) -> float | None:
    """Return a number of seconds or milliseconds; one that no clock could hold is as long as any."""
    if text is None or not re.fullmatch(r"\s*\d{1,300}(\.\d{1,9})?\s*", text, re.ASCII):
        return None
    return min(float(text), 1e15)


def _date_ms(text: str) -> int | None:
    try:
        return ms_from_datetime(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _printable(text: str) -> str:
    """Return a venue's text fit for a terminal: one line, no control characters, not long."""
    return "".join(char if char.isprintable() else " " for char in text[:200]).strip()


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at byte {error.pos}"
    # The advice at the end is the caller's to give.
    said = str(error).removesuffix(_ADVICE).rstrip(" .")
    return _printable(said) if isinstance(error, PipelineError | ValueError) else "not what was expected"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"it holds {name}")


def without_secrets(text: str, query: str, headers: Mapping[str, str]) -> str:
    """Return ``text`` without what a signed request carried: a venue may repeat a key that it refuses."""
    carried = [word for name, value in headers.items() if name.lower() not in _OPEN_HEADERS for word in re.split(r"[\s:,;]+", value)]
    carried += re.findall(r"signature=([^&]+)", query)
    for secret in sorted(carried, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return text


def masking(read_error: ErrorReader, query: str, headers: Mapping[str, str]) -> ErrorReader:
    """Return ``read_error`` without what a signed request carried, masked before a long text is cut: half a key would not be found."""

    def read(status: int, said: Any) -> VenueError | None:
        found = read_error(status, said)
        return None if found is None else VenueError(*(without_secrets(text, query, headers) for text in (found.code, found.text)))

    return read


def is_finite_number(value: object) -> bool:
    """Return whether ``value``, out of JSON, is a number that a float can hold; True and False are none."""
    return type(value) in (int, float) and abs(value) <= 1.8e308 and math.isfinite(value)  # type: ignore[arg-type]
