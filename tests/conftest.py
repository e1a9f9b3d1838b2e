"""What the tests share: how many examples Hypothesis tries, and the kinds of frame every function must take alike."""

from __future__ import annotations

import itertools
import os
import random

import polars as pl
import pytest
from hypothesis import HealthCheck, settings

PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("default", max_examples=60, **PATIENT)
settings.register_profile("ci", max_examples=80, derandomize=True, **PATIENT)
settings.register_profile("nightly", max_examples=5000, **PATIENT)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def eager(frame):
    return frame


def lazy(frame):
    return frame.lazy()


def rechunked(frame):
    """Every row in a chunk of its own, as a table stacked from many files may be."""
    if frame.is_empty():
        return frame.rechunk()
    return pl.concat([frame.slice(row, 1) for row in range(frame.height)], rechunk=False)


def shuffled(frame):
    order = list(range(frame.height))
    random.Random(20250331).shuffle(order)  # noqa: S311 (nothing secret)
    return frame[order]


def scan_parquet(folder):
    """A scan of the frame written to disk, each time to a file of its own: the scan reads it later."""
    numbers = itertools.count()

    def written(frame):
        path = folder / f"{next(numbers)}.parquet"
        frame.write_parquet(path)
        return pl.scan_parquet(path)

    return written


@pytest.fixture(scope="session", params=["eager", "lazy", "rechunked", "shuffled", "scan_parquet"])
def frame_kind(request, tmp_path_factory):
    """A function that turns an eager frame into the same rows in another kind of frame."""
    if request.param == "scan_parquet":
        return scan_parquet(tmp_path_factory.mktemp("frames"))
    return {"eager": eager, "lazy": lazy, "rechunked": rechunked, "shuffled": shuffled}[request.param]
