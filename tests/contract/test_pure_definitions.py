"""Definitions are pure: tables in, records out, with no code, no length of time and no state of their own."""

from __future__ import annotations

import ast

import pytest

from csc_indicators.codes import CODE_SETS
from tests.lib.package_source import calls_in, docstrings_of, dotted, modules, outside_imports_of, stage_of

PURE = [name for name in modules() if stage_of(name) in ("histories", "indicators")]
IMPURE_IMPORTS = {
    "os", "sys", "io", "pathlib", "shutil", "tempfile", "logging", "time", "random", "secrets", "uuid", "socket",
    "urllib", "http", "requests", "subprocess", "threading", "warnings", "importlib", "duckdb", "rich", "typer", "lxml",
}  # fmt: skip
IMPURE_CALLS = {
    "open",
    "print",
    "input",
    "eval",
    "exec",
    "compile",
    "globals",
    "vars",
    "setattr",
    "delattr",
    "__import__",
}
IMPURE_ENDINGS = ("now", "today", "utcnow", "sample", "shuffle", "collect", "collect_all", "write_csv", "write_parquet")


@pytest.mark.parametrize("name", PURE)
def test_a_definition_reads_writes_and_remembers_nothing(name):
    tree = modules()[name]
    calls = calls_in(tree)

    assert not outside_imports_of(tree) & IMPURE_IMPORTS
    assert not IMPURE_CALLS & set(calls)
    assert not [call for call in calls if call.rpartition(".")[2] in IMPURE_ENDINGS]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal)]


@pytest.mark.parametrize("name", PURE)
def test_a_definition_has_no_state_that_could_change(name):
    mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    for statement in modules()[name].body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            assert not isinstance(statement.value, mutable), f"{name}:{statement.lineno}"
            assert dotted(getattr(statement.value, "func", ast.Pass())) not in ("list", "dict", "set"), name
        assert not isinstance(statement, ast.AugAssign | ast.For | ast.While | ast.With), f"{name}:{statement.lineno}"
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.FunctionDef):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            assert not [default for default in defaults if isinstance(default, mutable)], node.name


CODES = {code for code_set in CODE_SETS.values() for code in code_set.codes if code != code.lower()}
"""Codes that are no words: those of the supplied tables are, and may be the names of choices as well."""
SMALL = 4


@pytest.mark.parametrize("name", PURE)
def test_a_definition_spells_out_no_code_and_no_count_of_days_or_months(name):
    tree = modules()[name]
    documentation = docstrings_of(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for function in functions:
        # Defaults of keywords are those of the spec, which another test compares.
        keywords = function.args.kw_defaults if isinstance(function, ast.FunctionDef) else []
        defaults = {id(inner) for default in keywords if default is not None for inner in ast.walk(default)}
        for node in ast.walk(function):
            if not isinstance(node, ast.Constant) or id(node) in documentation | defaults:
                continue
            where = f"{name}:{node.lineno}"
            if isinstance(node.value, str):
                assert node.value not in CODES, f"{where}: a code belongs in codes.py or in the specs"
            elif isinstance(node.value, int) and not isinstance(node.value, bool):
                assert abs(node.value) <= SMALL, f"{where}: a number belongs in the specs, or is a constant with a name"


@pytest.mark.parametrize("name", PURE)
def test_a_number_with_a_name_is_a_room_in_a_packed_key_and_no_length_of_time(name):
    for statement in modules()[name].body:
        for node in ast.walk(statement) if isinstance(statement, ast.Assign | ast.AnnAssign) else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
                power_of_two = node.value & (node.value - 1) == 0
                exponent = any(
                    isinstance(power, ast.BinOp) and isinstance(power.op, ast.Pow) and power.right is node
                    for power in ast.walk(statement)
                )
                assert node.value <= SMALL or power_of_two or exponent, f"{name}:{node.lineno}"
