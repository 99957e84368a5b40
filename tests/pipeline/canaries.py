"""Looking for secrets where none may be: in every file of a folder, whatever its format, and in any text."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

import polars as pl

# Shorter pieces of a secret turn up by chance.
_SHORTEST_PIECE = 12


def forms_of(secret: str) -> dict[str, bytes]:
    """Return the secret in every form in which it could be carried away, by the name of the form."""
    half = len(secret) // 2
    forms = {
        "as it is": secret,
        "for an address": quote(secret, safe=""),
        "for a form": quote_plus(secret),
        "backwards": secret[::-1],
        "halves exchanged": secret[half:] + secret[:half],
        "hex": secret.encode().hex(),
        "HEX": secret.encode().hex().upper(),
    }
    for skipped in range(3):  # base64 depends on where the secret begins: what is before it, and its ends, are left out
        for name, encode in (("base64", base64.b64encode), ("base64 for addresses", base64.urlsafe_b64encode)):
            forms[f"{name} at {skipped}"] = encode(b"\0" * skipped + secret.encode()).decode()[4:-4]
    if half >= _SHORTEST_PIECE:
        forms |= {"first half": secret[:half], "second half": secret[half:], "first half backwards": secret[:half][::-1]}
    return {name: form.encode() for name, form in forms.items() if len(form) >= min(len(secret), 8)}


def found_in(content: bytes, secrets: Mapping[str, str]) -> list[str]:
    """Return which secrets, by name and form, are in ``content``."""
    return [f"{name} {form}" for name, secret in secrets.items() for form, spelled in forms_of(secret).items() if spelled in content]


def found_in_files(folder: Path, secrets: Mapping[str, str], *, but: Iterable[Path] = ()) -> list[str]:
    """Return which secrets are in which files under ``folder``: in their bytes, their names, and the unpacked columns of tables."""
    left_out = set(but)
    files = [path for path in sorted(folder.rglob("*")) if path not in left_out]
    return [f"{path.relative_to(folder)}: {hit}" for path in files for content in _contents(path) for hit in found_in(content, secrets)]


def _contents(path: Path) -> Iterator[bytes]:
    yield path.name.encode()
    if path.is_symlink() or not path.is_file():
        return
    yield path.read_bytes()
    if path.suffix == ".parquet":
        yield pl.read_parquet(path).write_csv().encode()
        yield repr(pl.read_parquet_schema(path)).encode()
        yield repr(pl.read_parquet_metadata(path)).encode()
