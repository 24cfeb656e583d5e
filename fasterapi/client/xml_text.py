"""XML from strangers: without document types, and so without entities that grow or reach for files."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.parsers import expat

from fasterapi.client.errors import FastHTTPValidationError

_NO_DOCTYPE: Final = "The XML has a document type, which can make a small text a huge one or read files. It is not read."


def read_xml(content: bytes) -> Element:
    """The root of a document; `FastHTTPValidationError` for one with a document type, or that is no XML."""
    checker = expat.ParserCreate()
    checker.StartDoctypeDeclHandler = lambda *_: _refuse()
    try:
        checker.Parse(content, True)
        return fromstring(content)  # noqa: S314 - see the import
    except (expat.ExpatError, ParseError, ValueError) as error:
        raise FastHTTPValidationError(f"The body is not XML: {error}.") from error


def _refuse() -> None:
    raise FastHTTPValidationError(_NO_DOCTYPE)
