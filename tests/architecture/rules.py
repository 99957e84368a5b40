"""The rules. Each takes all modules and yields a line for each breach: file, line, what, and what to do instead."""

import ast
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.architecture.sources import COMMAND_TABLES, LADDER, Import, Module, is_dynamic_import, leading_text, read_modules

RANK = {rung: rank for rank, rung in enumerate(LADDER)}

# Folders beside the product that it must run without.
OUTSIDE = frozenset({"data", "logs", "tests", "benchmarks", "docs"})

# What a package must not know, whatever its rung.
FOREIGN = {
    "backtest_engine": frozenset({"optuna", "ray", "flask"}),
    "walkforward": frozenset({"flask", "jinja2"}),
    "reporting": frozenset({"flask"}),
}

UNSAFE_MODULES = frozenset({"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"})
UNSAFE_NAMES = frozenset({"eval", "exec", "builtins.eval", "builtins.exec", "os.system", "os.popen"})
UNSAFE_YAML = frozenset(f"yaml.{name}" for name in ("load", "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all"))
UNSAFE_KEYWORDS = frozenset({"shell", "allow_pickle"})

WALL_CLOCKS = frozenset(
    {"time.time", "time.time_ns", "datetime.date.today"}
    | {f"{owner}.{name}" for owner in ("datetime.datetime", "pandas.Timestamp") for name in ("now", "utcnow", "today")}
)
CLOCK_READERS = frozenset({"core/clock.py"})

# Modules whose imports are not known from their text: the loader of the command tables, and the finder of strategy files.
DYNAMIC_IMPORTERS = frozenset({*COMMAND_TABLES, "pipeline/lazy_group.py", "strategies/registry.py"})

KERNEL_FOLDERS = ("backtest_engine/kernels/", "optimization/kernels/", "strategies/indicators/", "strategies/kernels/")
KERNEL_DECORATORS = frozenset({"njit", "njit_inner", "njit_inline", "njit_spliced", "register_jitable"})


def check(root: Path) -> list[str]:
    """Return every breach of every rule in the product under ``root``."""
    modules = read_modules(root)
    return [breach for rule in RULES for breach in rule(modules)]


def ladder(modules: Sequence[Module]) -> Iterator[str]:
    """A package imports only itself and what stands to its left."""
    for module, found in _all_imports(modules):
        target = found.target.partition(".")[0]
        if target in OUTSIDE:
            yield f"{module.path}:{found.line}: imports {found.target}; the product runs without {target}/"
        elif target in RANK and RANK[target] > RANK[module.package]:
            yield f"{module.path}:{found.line}: {module.package} imports {found.target}, which stands to its right on the ladder"


def libraries(modules: Sequence[Module]) -> Iterator[str]:
    """A package knows nothing of the libraries that belong to others."""
    for module, found in _all_imports(modules):
        library = found.target.partition(".")[0]
        if library in FOREIGN.get(module.package, ()):
            yield f"{module.path}:{found.line}: {module.package} must know nothing of {library}"


def early_imports(modules: Sequence[Module]) -> Iterator[str]:
    """Own modules are imported at the top of a file: layering must hold, not be excused by a late import."""
    for module, found in _all_imports(modules):
        if found.late and found.target.partition(".")[0] in RANK and module.path not in COMMAND_TABLES:
            tables = ", ".join(COMMAND_TABLES)
            yield f"{module.path}:{found.line}: imports {found.target} late, in a function or by a string; only {tables} may"


def readable_imports(modules: Sequence[Module]) -> Iterator[str]:
    """A dynamic import says what it imports, or the ladder could not be checked."""
    for module in modules:
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and is_dynamic_import(module, node)
                and not leading_text(node)
                and module.path not in DYNAMIC_IMPORTERS
            ):
                yield f"{module.path}:{node.lineno}: imports a module whose name cannot be read here; name it literally"


def cycles(modules: Sequence[Module]) -> Iterator[str]:
    """No module imports itself through others; imports for type checking count, late ones do not."""
    known = {module.name for module in modules}
    graph = {
        module.name: sorted({name for found in module.imports if not found.late and (name := _known_module(found, known))})
        for module in modules
    }
    for group in _strong_components(graph):
        if len(group) > 1 or group[0] in graph[group[0]]:
            yield f"import cycle: {' -> '.join([*group, group[0]])}"


def unsafe(modules: Sequence[Module]) -> Iterator[str]:
    """Nothing that is read may become code or a shell command."""
    for module in modules:
        for found in module.imports:
            if found.target.partition(".")[0] in UNSAFE_MODULES:
                yield f"{module.path}:{found.line}: imports {found.target}, which runs what it loads; store JSON, Parquet or .npy"
        for node in ast.walk(module.tree):
            origin = module.origin(node)
            if origin in UNSAFE_NAMES:
                yield f"{module.path}:{_line(node)}: uses {origin}"
            elif origin in UNSAFE_YAML:
                yield f"{module.path}:{_line(node)}: uses {origin}; use yaml.safe_load"
            elif isinstance(node, ast.keyword) and node.arg in UNSAFE_KEYWORDS and not _is_false(node.value):
                yield f"{module.path}:{node.value.lineno}: passes {node.arg}={ast.unparse(node.value)}"


def wall_clocks(modules: Sequence[Module]) -> Iterator[str]:
    """Only the clock module reads the time of day: results must not depend on it, and tests must be able to set it."""
    for module in modules:
        if module.path in CLOCK_READERS:
            continue
        for node in ast.walk(module.tree):
            if module.origin(node) in WALL_CLOCKS:
                yield f"{module.path}:{_line(node)}: reads {module.origin(node)}; use core.clock"


def kernels(modules: Sequence[Module]) -> Iterator[str]:
    """Kernel files hold compiled functions and constants, nothing else."""
    for module in modules:
        if module.path.startswith(KERNEL_FOLDERS):
            for node in module.tree.body:
                trouble = _not_kernel(module, node)
                if trouble:
                    yield f"{module.path}:{node.lineno}: {trouble}; kernel files hold njit functions and constants only"


RULES: tuple[Callable[[Sequence[Module]], Iterator[str]], ...] = (
    ladder,
    libraries,
    early_imports,
    readable_imports,
    cycles,
    unsafe,
    wall_clocks,
    kernels,
)


def _all_imports(modules: Sequence[Module]) -> Iterator[tuple[Module, Import]]:
    return ((module, found) for module in modules for found in module.imports)


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _known_module(found: Import, known: set[str]) -> str:
    """Return the longest beginning of the import that is a module of the product: ``core.errors`` of ``core.errors.DataError``."""
    parts = found.target.split(".")
    return next((name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in known), "")


def _not_kernel(module: Module, node: ast.stmt) -> str:
    """Return what is wrong with a statement at the top of a kernel file, or ""."""
    if isinstance(node, ast.FunctionDef):
        compiled = any(_decorator_name(module, each) in KERNEL_DECORATORS for each in node.decorator_list)
        return "" if compiled else f"function {node.name} is not compiled"
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return "a lambda" if any(isinstance(each, ast.Lambda) for each in ast.walk(node)) else ""
    if isinstance(node, ast.Import | ast.ImportFrom) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return ""
    return f"{type(node).__name__} {getattr(node, 'name', '')}".strip()


def _decorator_name(module: Module, node: ast.expr) -> str:
    target = node.func if isinstance(node, ast.Call) else node
    return module.origin(target).rpartition(".")[2]


def _strong_components(graph: dict[str, list[str]]) -> Iterator[list[str]]:
    """Yield the groups of modules that reach each other, each in import order (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(name: str) -> Iterator[list[str]]:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in graph[name]:
            if target not in index:
                yield from visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            cut = stack.index(name)
            group = stack[cut:]
            del stack[cut:]
            yield group

    for name in sorted(graph):
        if name not in index:
            yield from visit(name)
