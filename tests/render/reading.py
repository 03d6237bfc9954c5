"""Reads pages back as a browser would see them, by Python's own parser."""

from html.parser import HTMLParser

# Their content is no text of the page.
_NOT_TEXT = ("script", "style", "title", "desc")


class Seen(HTMLParser):
    """What a page has: `tags` and their attributes, `rows` of the table `id` as texts, `text` in all."""

    def __init__(self, document: bytes | str, table: str | None = "rows") -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._wanted, self._inside, self._hidden, self._in_cell = table, False, 0, False
        self.feed(document.decode() if isinstance(document, bytes) else document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in _NOT_TEXT
        if tag == "table":
            self._inside = self._wanted is None or dict(attrs).get("id") == self._wanted
        if self._inside and tag == "tr":
            self.rows.append([])
        if self._inside and tag in ("td", "th"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _NOT_TEXT
        self._inside = self._inside and tag != "table"
        self._in_cell = self._in_cell and tag not in ("td", "th", "tr")

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.text += data
        if self._in_cell:
            self.rows[-1][-1] += data

    @property
    def header(self) -> list[str]:
        return self.rows[0]

    @property
    def cells(self) -> list[list[str]]:
        """The rows below the header."""
        return self.rows[1:]
