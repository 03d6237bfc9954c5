"""Encoded pages, kept compressed so that large tenants can be served again at wire speed."""

import zlib
from collections import OrderedDict

type PageKey = tuple[object, ...]
GZIP = 16 + zlib.MAX_WBITS


def gzip_bytes(body: bytes) -> bytes:
    """The gzip form, fastest level."""
    packer = zlib.compressobj(1, zlib.DEFLATED, GZIP)
    return packer.compress(body) + packer.flush()


class PageCache:
    """Least recently used pages up to `limit` bytes of compressed text."""

    def __init__(self, limit: int = 384 << 20) -> None:
        self._limit = limit
        self._size = 0
        self._pages: OrderedDict[PageKey, bytes] = OrderedDict()

    def get(self, key: PageKey) -> bytes | None:
        """The compressed page of a key."""
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
        return page

    def put(self, key: PageKey, page: bytes) -> None:
        """Keep a compressed page, dropping the oldest ones beyond the limit."""
        self._pages[key] = page
        self._size += len(page)
        while self._size > self._limit:
            _key, old = self._pages.popitem(last=False)
            self._size -= len(old)
