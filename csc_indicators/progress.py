"""A progress bar on standard error while extracts are read and checked, when that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csc_indicators.loading import Extracts


@contextmanager
def loading(paths: Sequence[Path]) -> Generator[Callable[[], Extracts]]:
    """A loader with a progress bar on standard error, when that is a terminal."""
    from csc_indicators.extracts.discovery import discover
    from csc_indicators.loading import load

    if not sys.stderr.isatty():
        yield lambda: load(paths)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        total = sum(file.stat().st_size for file in discover(paths).files)
        reading = progress.add_task("Reading", total=total)

        def on_step(table: str) -> None:
            progress.update(reading, description=f"Checking {table}", completed=total)

        yield lambda: load(paths, on_progress=lambda size: progress.advance(reading, size), on_step=on_step)


@contextmanager
def counting(description: str, total: int) -> Generator[Callable[[str], None]]:
    """A progress bar on standard error of so many things, when that is a terminal; called as each is done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        counted = progress.add_task(description, total=total)
        yield lambda _: progress.advance(counted)
