"""The faults of a bad day at a venue, for ``FaultPlan``."""

import random
import zlib
from collections.abc import Mapping
from dataclasses import replace

from tests.fakes.server import Fault, FaultPlan, Reply, Wire, serialize

HTML = b"<html><head><title>Maintenance</title></head><body>We will be back.</body></html>"


def status(code: int, body: bytes = b"{}", headers: Mapping[str, str | None] | None = None) -> Fault:
    """Answer with ``code`` instead."""
    return lambda _reply, _wire: Reply(code, body, headers or {})


def body(content: bytes, headers: Mapping[str, str | None] | None = None) -> Fault:
    """Answer 200 with another body."""
    return lambda reply, _wire: Reply(200, content, headers or {})


def html(code: int = 200) -> Fault:
    """Answer with a web page."""
    return status(code, HTML, {"Content-Type": "text/html"})


def truncated(keep: float = 0.5) -> Fault:
    """Answer 200 with a valid length and only the first bytes of the body: a count, or a share of it."""
    return lambda reply, _wire: replace(reply, body=reply.body[: keep if isinstance(keep, int) else int(len(reply.body) * keep)])


def short_length(missing: int = 10) -> Fault:
    """Announce more bytes than are sent, and hang up."""

    def play(reply: Reply, wire: Wire) -> None:
        wire.send(serialize(replace(reply, headers={**reply.headers, "Content-Length": str(len(reply.body) + missing)})))
        wire.hang_up()

    return play


def broken_chunk() -> Fault:
    """Begin a chunked body with a chunk that has no length."""

    def play(reply: Reply, wire: Wire) -> None:
        wire.send(serialize(Reply(200, b"zz\r\n[]", {"Content-Length": None, "Transfer-Encoding": "chunked"})))
        wire.hang_up()

    return play


def hang_up(_reply: Reply, wire: Wire) -> None:
    """Close the connection without a word."""
    wire.hang_up()


def reset(_reply: Reply, wire: Wire) -> None:
    """Reset the connection before an answer."""
    wire.reset()


def reset_in_body(reply: Reply, wire: Wire) -> None:
    """Reset the connection in the middle of the body."""
    sent = serialize(reply)
    wire.send(sent[: len(sent) - len(reply.body) // 2 - 1])
    wire.reset()


def drip(seconds: float = 0.02, *, headers_too: bool = False) -> Fault:
    """Send one byte each ``seconds``, of the body or of all."""

    def play(reply: Reply, wire: Wire) -> None:
        sent = serialize(reply)
        head = 0 if headers_too else len(sent) - len(reply.body)
        wire.send(sent[:head])
        for byte in sent[head:]:
            if not wire.pause(seconds):
                break
            wire.send(bytes([byte]))

    return play


def silence(reply: Reply, wire: Wire) -> None:
    """Take the request and never answer."""
    while wire.pause(0.05):
        pass


def endless(_reply: Reply, wire: Wire) -> None:
    """Send a body without end."""
    wire.send(b"HTTP/1.1 200 Fake\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[")
    while wire.pause(0):
        wire.send(b'"garbage",' * 6000)


def gzip_bomb(megabytes: int = 1000) -> Fault:
    """Answer with zeros that unzip to ``megabytes``."""

    def play(reply: Reply, wire: Wire) -> Reply:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()
        return Reply(200, packed, {"Content-Encoding": "gzip"})

    return play


def gzipped(reply: Reply, _wire: Wire) -> Reply:
    """Send the right answer packed; no fault at all."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return replace(reply, body=packer.compress(reply.body) + packer.flush(), headers={**reply.headers, "Content-Encoding": "gzip"})


def redirect(url: str, code: int = 302) -> Fault:
    """Send the client elsewhere."""
    return status(code, b"", {"Location": url})


def huge_header(megabytes: int = 10) -> Fault:
    """Answer with a header line of that size."""

    def play(reply: Reply, wire: Wire) -> None:
        wire.send(b"HTTP/1.1 200 Fake\r\nX-Padding: ")
        for _ in range(megabytes):
            wire.send(b"x" * 1_000_000)
        wire.send(b"\r\nContent-Length: 2\r\n\r\n[]")
        wire.hang_up()

    return play


def passing_faults() -> tuple[Fault, ...]:
    """Faults after which the same request may succeed."""
    return (
        status(500), status(502, HTML), status(503), status(504, b""), html(403), status(429), status(429, b"{}", {"Retry-After": "7"}),
        html(), truncated(), short_length(), broken_chunk(), hang_up, reset, reset_in_body, body(b""),
    )  # fmt: skip


def fault_schedule(seed: int, *, requests: int = 40, rate: float = 0.3, path: str = "") -> FaultPlan:
    """Return a random plan: each of the first ``requests`` requests goes wrong with probability ``rate``, in a passing way."""
    rng = random.Random(seed)
    faults = passing_faults()
    return FaultPlan({number: rng.choice(faults) for number in range(requests) if rng.random() < rate}, path=path)
