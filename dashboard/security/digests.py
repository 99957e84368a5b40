"""Secrets are compared and kept by their digests only."""

import hashlib


def digest(secret: str) -> str:
    """Return the SHA-256 (hex) of a secret; what is no text at all has one too."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
