"""Drawing generated data until what is looked for has been seen."""

from __future__ import annotations

from hypothesis import given, seed
from hypothesis import strategies as st

BLOCKS = 20
"""How often the usual number of examples is drawn before the search is given up."""


def look_until(found, look):
    """Call `look` with Hypothesis data, in blocks of the usual number of examples, until `found` says so.

    Each block has a seed of its own, so that a search finds the same every time, and ends as soon as it may.
    """
    for block in range(BLOCKS):
        seed(block)(given(data=st.data())(look))()
        if found():
            return
