"""Takes the objects of a page apart where each element of a list in them is to be a row."""

from collections.abc import Sequence

import msgspec

_PAGE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_BAD = (msgspec.DecodeError, RecursionError, KeyError)
_NONE = msgspec.Raw(b"[]")


def as_value(body: bytes, name: str) -> bytes:
    """Return the page with its list `name` in the place of `value`, and with none if it has none."""
    try:
        page = _PAGE.decode(body)
    except _BAD:
        return body
    page.pop("value", None)
    if name in page:
        page["value"] = page.pop(name)
    return msgspec.json.encode(page)


def of_elements(body: bytes, path: str) -> tuple[bytes, int | None]:
    """Return the page with an object for each element of the lists at `path`: what the object has, and
    the element in the place of the list, in each list on the way as well; and how many objects it had.

    What cannot be taken apart is left as it is, and not counted: the decoder rejects it, and says
    why.
    """
    try:
        page = _PAGE.decode(body)
        objects = _LIST.decode(page["value"])
    except _BAD:
        return body, None
    rows = [row for each in objects for row in _rows(bytes(each), path.split("/"))]
    page["value"] = msgspec.Raw(b"[" + b",".join(rows) + b"]")
    return msgspec.json.encode(page), len(objects)


def _rows(sent: bytes, path: Sequence[str]) -> list[bytes]:
    """Take one object apart. The first list must be there; one of an element, absent or null, is empty."""
    name, *deeper = path
    try:
        whole = _PAGE.decode(sent)
        elements = list(map(bytes, _LIST.decode(whole[name])))
        if deeper:
            elements = [
                row for each in elements for row in _rows(_with_list(each, deeper[0]), deeper)
            ]
    except _BAD:
        return [sent]
    return [msgspec.json.encode({**whole, name: msgspec.Raw(element)}) for element in elements]


def _with_list(element: bytes, name: str) -> bytes:
    whole = _PAGE.decode(element)
    held = whole.get(name)
    if held is not None and bytes(held) != b"null":
        return element
    return msgspec.json.encode({**whole, name: _NONE})
