"""The query string, split once at the first need."""

from __future__ import annotations

from urllib.parse import unquote_plus


def parse_query(raw: bytes) -> dict[str, list[str]]:
    """Every name with its values in the order they were sent; only `&` separates (WHATWG URL, 5.1).

    Example: `parse_query(b"tag=a&tag=b%20c")` is `{"tag": ["a", "b c"]}`.
    """
    values: dict[str, list[str]] = {}
    if not raw:
        return values
    text = raw.decode("latin-1")
    is_plain = "%" not in text and "+" not in text and text.isascii()
    for pair in text.split("&"):
        if not pair:
            continue
        middle = pair.find("=")
        name = pair if middle < 0 else pair[:middle]
        value = "" if middle < 0 else pair[middle + 1 :]
        if not is_plain:
            name = _decode(name)
            value = _decode(value)
        found = values.get(name)
        if found is None:
            values[name] = [value]
        else:
            found.append(value)
    return values


def _decode(text: str) -> str:
    if "%" in text or "+" in text or not text.isascii():
        return unquote_plus(text)
    return text
