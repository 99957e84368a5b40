"""The product's modules as syntax trees, and what each imports."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# Left to right, as data flows; a package imports only what stands to its left.
LADDER = (
    "core",
    "config",
    "exchanges",
    "market_data",
    "strategies",
    "backtest_engine",
    "optimization",
    "walkforward",
    "reporting",
    "dashboard",
    "pipeline",
    "run_pipeline",
)

# The command tables: the only places that name own modules in strings, to be loaded late.
COMMAND_TABLES = ("pipeline/cli.py", "pipeline/commands/data/group.py")

_TABLE_ENTRY = re.compile(r"([a-z_]\w*(?:\.\w+)+):\w+")
_DOTTED_NAME = re.compile(r"[a-z_]\w*(?:\.(?!py$)\w+)+")  # not a file name: run_pipeline.py is what help texts call the program


@dataclass(frozen=True)
class Import:
    """One import of a module: where it stands, and whether it happens only after its own module is loaded."""

    target: str
    line: int
    late: bool


@dataclass(frozen=True)
class Module:
    """One source file of the product."""

    path: str
    name: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The rung of the ladder it belongs to."""
        return self.name.partition(".")[0]

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Everything it imports: in functions, for type checking, by importlib and by command tables too."""
        return tuple(_imports(self))

    @cached_property
    def aliases(self) -> dict[str, str]:
        """What the names bound by its imports stand for: ``dt`` -> ``datetime.datetime``."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    found[bound] = alias.name if alias.asname else bound
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{_absolute(self, node)}.{alias.name}"
        return found

    def origin(self, node: ast.AST) -> str:
        """Return the dotted name that a name or attribute stands for, or "" for any other expression."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.origin(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""


def read_modules(root: Path) -> list[Module]:
    """Return the modules of all packages on the ladder that exist under ``root``."""
    paths = [path for rung in LADDER for path in sorted((root / rung).rglob("*.py"))]
    paths += [path for rung in LADDER if (path := root / f"{rung}.py").is_file()]
    return [_read(path, path.relative_to(root)) for path in paths]


def _read(path: Path, relative: Path) -> Module:
    parts = relative.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(relative.as_posix(), name, ast.parse(path.read_text(encoding="utf8"), filename=str(relative)))


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    """Return the absolute name of the module in ``from ... import``."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    # In __init__.py one dot is the package itself; anywhere else it is the parent of the module.
    up = node.level - 1 if module.path.endswith("__init__.py") else node.level
    base = parts[: len(parts) - up] if up else parts
    return ".".join([*base, *([node.module] if node.module else [])])


def _imports(module: Module) -> Iterator[Import]:
    for node, in_function in _walk(module.tree, in_function=False):
        for target in _targets(module, node):
            # A name in a string is imported by whoever reads the string.
            yield Import(target, getattr(node, "lineno", 0), late=in_function or isinstance(node, ast.Constant))


def _walk(node: ast.AST, *, in_function: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node with whether it stands in a function."""
    for child in ast.iter_child_nodes(node):
        inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield child, inside
        yield from _walk(child, in_function=inside)


def _targets(module: Module, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(module, node)
        # Whether ``name`` is a module or something inside one is decided where all modules are known.
        yield from (base if alias.name == "*" else f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and is_dynamic_import(module, node):
        yield leading_text(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _named_in_text(module, node.value)


def _named_in_text(module: Module, text: str) -> Iterator[str]:
    """Yield the module that a string such as ``pipeline.commands.run:run`` names."""
    entry = _TABLE_ENTRY.fullmatch(text)
    name = entry[1] if entry else text if module.path in COMMAND_TABLES and _DOTTED_NAME.fullmatch(text) else ""
    if name.partition(".")[0] in LADDER:
        yield name


def is_dynamic_import(module: Module, call: ast.Call) -> bool:
    """Tell whether ``call`` imports the module that its first argument names."""
    return module.origin(call.func) in {"importlib.import_module", "importlib.__import__", "__import__", "builtins.__import__"}


def leading_text(call: ast.Call) -> str:
    """Return the constant beginning of a call's first argument: ``"a.b"``, ``f"a.{name}"``, ``"a." + name``; "" for others."""
    node: ast.AST | None = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "name"), None)
    while isinstance(node, ast.BinOp):
        node = node.left
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    return node.value.rstrip(".") if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
