"""The one parser for XML returns: no entity is expanded, nothing is fetched, and the limits of libxml2 stay on."""

from __future__ import annotations

from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - it comes without types

XMLSyntaxError: Any = etree.XMLSyntaxError
RESOURCE_LIMIT: Any = etree.ErrorTypes.ERR_RESOURCE_LIMIT
"""The code of an error that says that depth, or the size of a text, went beyond the limits."""


def safe_parser(element: str) -> Any:  # noqa: ANN401 (lxml comes without types)
    """A parser that hands over each element of a name, in any namespace, as it ends."""
    return etree.XMLPullParser(
        events=("end",),
        tag=f"{{*}}{element}",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
