"""The package as its source: every module's syntax tree, what it imports and what it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.lib.command_line import ROOT

ROOT_NAME = "csc_indicators"
PACKAGE = ROOT / ROOT_NAME


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name inside it; the package itself is the empty name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    return found


def stage_of(name: str) -> str:
    return name.partition(".")[0]


def imports_of(tree: ast.AST) -> Iterator[str]:
    """The modules of the package that a tree imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports say the whole name"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name.removeprefix(f"{ROOT_NAME}.") in modules() else str(node.module) for name in whole]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == ROOT_NAME:
                yield name.partition(".")[2]


def outside_imports_of(tree: ast.AST) -> set[str]:
    """The top-level names of everything else that a tree imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).partition(".")[0])
    return names - {ROOT_NAME}


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute of an attribute of a name; what is not one is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls_in(tree: ast.AST) -> list[str]:
    return [dotted(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def docstrings_of(tree: ast.AST) -> set[int]:
    """The nodes that are docstrings, of modules, functions, classes and assignments."""
    found: set[int] = set()
    for node in ast.walk(tree):
        for statement in getattr(node, "body", ()) if not isinstance(node, ast.Lambda | ast.IfExp) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                found.add(id(statement.value))
    return found
