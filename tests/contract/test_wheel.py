"""What is installed: the package with its specs and reference files, typed, nothing else; and it runs from there."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

import csc_indicators
from tests.lib.command_line import ROOT, environment

PACKAGE = "csc_indicators"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from this checkout without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT],
        cwd=folder, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def in_checkout(folder, pattern):
    """The files of a folder as they are named inside the wheel."""
    found = {
        path for path in ROOT.joinpath(folder).rglob(pattern) if path.is_file() and "__pycache__" not in path.parts
    }
    return {f"{PACKAGE}/{path.relative_to(ROOT).as_posix().removeprefix(f'{PACKAGE}/')}" for path in found}


def test_it_is_named_for_the_package_and_its_version(wheel):
    assert wheel.name == f"csc_indicators-{csc_indicators.__version__}-py3-none-any.whl"


@pytest.mark.parametrize("folder", ["specs", "csc_indicators/reference"])
def test_every_spec_and_reference_file_is_inside(names, folder):
    expected = in_checkout(folder, "*")

    assert len(expected) > 4
    assert expected <= names


def test_every_module_is_inside_and_it_says_that_it_is_typed(names):
    assert in_checkout(PACKAGE, "*.py") == {name for name in names if name.endswith(".py")}
    assert f"{PACKAGE}/py.typed" in names


def test_nothing_else_is_inside(names):
    tops = {name.partition("/")[0] for name in names}
    expected = in_checkout("specs", "*") | in_checkout(PACKAGE, "*")

    assert tops == {PACKAGE, f"csc_indicators-{csc_indicators.__version__}.dist-info"}
    assert {name for name in names if name.startswith(f"{PACKAGE}/")} == expected
    for word in ("tests", "fixtures", "docs", "benchmarks", "conftest", "golden"):
        assert not [name for name in names if word in name.split("/")], word


def test_it_says_what_it_needs_and_its_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        parts = {name.rpartition("/")[2]: name for name in archive.namelist() if ".dist-info/" in name}
        metadata = archive.read(parts["METADATA"]).decode()
        entry_points = archive.read(parts["entry_points.txt"]).decode()

    assert "csc-indicators = csc_indicators.cli:main" in entry_points
    assert "\nRequires-Python: <3.15,>=3.11\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    for needed in ("polars", "lxml", "pandera", "pydantic", "typer", "rich"):
        assert f"\nRequires-Dist: {needed}" in metadata


def test_it_runs_from_where_it_is_installed(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", PACKAGE, "compute", ROOT / "fixtures" / "faulty" / "partly", "--format", "csv"],
        cwd=tmp_path, env=environment() | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "\nrereferrals,published," in done.stdout
