"""Takes the objects of a page apart where each element of a list in them is to be a row."""

import msgspec

_PAGE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_BAD = (msgspec.DecodeError, RecursionError, KeyError)


def of_elements(body: bytes, name: str) -> bytes:
    """Return the page with an object for each element of the lists `name`: what the object has, and
    the element in the place of the list.

    What cannot be taken apart is left as it is: the decoder rejects it, and says why.
    """
    try:
        page = _PAGE.decode(body)
        objects = _LIST.decode(page["value"])
    except _BAD:
        return body
    rows = [row for each in objects for row in _rows(bytes(each), name)]
    page["value"] = msgspec.Raw(b"[" + b",".join(rows) + b"]")
    return msgspec.json.encode(page)


def _rows(sent: bytes, name: str) -> list[bytes]:
    try:
        whole = _PAGE.decode(sent)
        elements = _LIST.decode(whole[name])
    except _BAD:
        return [sent]
    return [msgspec.json.encode({**whole, name: element}) for element in elements]
