"""Rules for scripts, styles and templates that no linter knows."""

import re
from pathlib import Path

import pytest

from dashboard.delivery.modules import imported_by
from dashboard.delivery.static_files import bundled
from tests.conftest import ROOT

STATIC = ROOT / "dashboard" / "static"
SCRIPTS = sorted(STATIC.rglob("*.js"))
SHEETS = sorted(STATIC.rglob("*.css"))
TEMPLATES = sorted((ROOT / "dashboard" / "templates").glob("*.html"))
WRITES_HTML = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTMLUnsafe)\b")


def found(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [f"{path.relative_to(ROOT)}: {match[0]}" for path in files for match in pattern.finditer(path.read_text(encoding="utf-8"))]


def test_scripts_write_texts_and_never_html() -> None:
    assert SCRIPTS
    assert found(WRITES_HTML, SCRIPTS) == []
    assert WRITES_HTML.search("element.innerHTML = text")


def test_templates_escape_everything_and_hold_no_code() -> None:
    for pattern in (
        r"\|\s*safe\b",
        r"autoescape",
        r"Markup",
        r"<style",
        r"\sstyle=",
        r"\son[a-z]+=\"",
        r"<script(?![^>]*\bsrc=)",
        r"javascript:",
    ):
        assert found(re.compile(pattern), TEMPLATES) == []


def test_every_script_that_is_asked_for_is_there() -> None:
    for path in SCRIPTS:
        for name in re.findall(r"""(?:from|import)\s+["'](\.[^"']+)["']""", path.read_text(encoding="utf-8")):
            assert (path.parent / name).is_file(), f"{path.name} imports {name}"
    for path in TEMPLATES:
        for name in re.findall(r"filename='((?:js|css)/[^']+\.(?:js|css))'", path.read_text(encoding="utf-8")):
            assert (STATIC / name).is_file(), f"{path.name} asks for {name}"


def test_a_page_names_every_module_that_its_scripts_need() -> None:
    code = {path: re.sub(r"^\s*(//|\*).*$", "", path.read_text(), flags=re.MULTILINE) for path in SCRIPTS}
    imports = {
        path: {(path.parent / name).resolve() for name in re.findall(r"""(?:from|import)\s+["'](\.[^"']+)["']""", code[path])}
        for path in SCRIPTS
    }

    def below(path: Path) -> set[Path]:
        return imports[path].union(*(below(each) for each in imports[path]))

    for path in SCRIPTS:
        found = {(STATIC / name).resolve() for name in imported_by(bundled(), path.relative_to(STATIC).as_posix())}
        assert found == below(path), path.name
    assert any(len(below(path)) > 10 for path in SCRIPTS)


def test_every_colour_has_a_value_in_light_and_in_dark() -> None:
    text = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
    light, chosen_dark, system_dark = (block for block in re.findall(r":root[^{]*\{([^}]*)\}", text))
    roles = set(re.findall(r"(--[a-z-]+):", chosen_dark))
    assert roles == set(re.findall(r"(--[a-z-]+):", light)) - {"--font", "--mono"}
    assert re.findall(r"--[a-z-]+:[^;]+;", chosen_dark) == re.findall(r"--[a-z-]+:[^;]+;", system_dark), "dark is dark, chosen or not"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_styles_use_roles_that_there_are(path: Path) -> None:
    known = set(re.findall(r"(--[a-z-]+):", (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")))
    text = path.read_text(encoding="utf-8")
    own = set(re.findall(r"(--[a-z-]+):", text))
    assert set(re.findall(r"var\((--[a-z-]+)", text)) <= known | own
