"""What went wrong with one attempt, and whether another may help."""

import socket
import ssl
from dataclasses import dataclass

import requests
from urllib3.exceptions import InvalidHeader, NameResolutionError, NewConnectionError, ReadTimeoutError, SSLError
from urllib3.exceptions import TimeoutError as Urllib3Timeout

from core.errors import APIError, CredentialError, PipelineError
from exchanges.facts import Refusal


@dataclass(frozen=True, slots=True)
class Trouble:
    """The error to raise unless trying ``again`` helps, after ``wait_s`` if the venue said so.

    ``unsent``: nothing reached the venue; ``heard``: it has answered, if only to refuse.
    """

    error: PipelineError
    again: bool
    wait_s: float | None = None
    unsent: bool = False
    heard: bool = True
    kind: Refusal | None = None

    def final(self, attempts: int) -> PipelineError:
        """Return the error, with the number of attempts when there were several."""
        self.error.passing = self.again
        if attempts > 1:
            self.error.args = (f"{self.error.args[0]} (Tried {attempts} times.)", *self.error.args[1:])
        return self.error


def broken_connection(name: str, error: Exception, deadline_s: float) -> Trouble:
    """Return the trouble for a request that got no whole answer. Only the kind of ``error`` is used: its text may hold the query."""
    causes = _causes(error)
    if any(isinstance(cause, requests.exceptions.SSLError | SSLError | ssl.SSLError) for cause in causes):
        return _tls(name, causes)
    # urllib3 judges the headers that come, requests those that go.
    if any(isinstance(cause, InvalidHeader) for cause in causes):
        return _network(name, "its answer contradicts itself. Try again later.")
    if any(isinstance(cause, requests.exceptions.InvalidHeader | UnicodeError) for cause in causes):
        return Trouble(
            CredentialError(f"{name}: a key (in config/.env or the environment) holds characters that no key has. Copy it anew."),
            again=False,
        )
    if any(isinstance(cause, NameResolutionError | socket.gaierror) for cause in causes):
        return _network(name, "its name cannot be found. Check the network connection and the address.", unsent=True)
    if any(isinstance(cause, requests.exceptions.ProxyError) for cause in causes):
        return _network(name, "the proxy does not answer. Check HTTPS_PROXY.", unsent=True)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return _network(name, "the connection was refused. Check the network connection and the address, or try again later.", unsent=True)
    if any(isinstance(cause, NewConnectionError) for cause in causes):
        return _network(name, "no connection could be made. Check the network connection, or try again later.", unsent=True)
    if any(isinstance(cause, Urllib3Timeout | ReadTimeoutError | TimeoutError | requests.exceptions.Timeout) for cause in causes):
        return _network(name, f"no whole answer within {deadline_s:g} s. Check the network connection, or try again later.")
    return _network(name, "the connection broke before the answer was complete. Check the network connection, or try again later.")


def _tls(name: str, causes: list[BaseException]) -> Trouble:
    """Judge a failure of TLS: a connection that breaks during it passes, what the two sides do not agree on stays."""
    if any(isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError | ConnectionError | TimeoutError) for cause in causes):
        return _network(name, "the secure connection broke. Check the network connection, or try again later.")
    spoken = [cause for cause in causes if isinstance(cause, ssl.SSLError)]
    if spoken and not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in spoken):
        text = "no secure connection (TLS) can be made. Check the address, and any proxy or virus scanner in between."
    else:
        text = "its TLS certificate is not accepted. Check the computer's clock, its certificates and any proxy in between."
    return Trouble(APIError(f"{name}: {text}"), again=False, heard=False)


def _network(name: str, text: str, *, unsent: bool = False) -> Trouble:
    return Trouble(APIError(f"{name}: {text}"), again=True, unsent=unsent, heard=False)


def _causes(error: BaseException | None) -> list[BaseException]:
    """Return ``error``, what caused it and what its arguments hold: requests and urllib3 wrap each other's errors."""
    found: list[BaseException] = []
    queue = [error]
    while queue:
        each = queue.pop()
        if each is None or each in found:
            continue
        found.append(each)
        reason = getattr(each, "reason", None)
        inner = [*each.args, reason, each.__cause__, each.__context__]
        queue.extend(item for item in inner if isinstance(item, BaseException))
    return found
