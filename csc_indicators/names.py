"""Nearest names: what to suggest when a name is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like this one, if any is like it at all.

    >>> nearest("rereferal", ["referrals", "rereferrals"])
    'rereferrals'
    """
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence that asks for the nearest name, with a space before it; nothing when no name is near.

    >>> suggestion("rereferal", ["rereferrals"])
    ' Did you mean "rereferrals"?'
    """
    found = nearest(name, known)
    return f' Did you mean "{found}"?' if found else ""
