"""Why the embedded stack could not start, told in both languages."""

from shared.core.text import Lang, Text


class StackError(Exception):
    """A part of the embedded stack failed; `text` is for people, `detail` is the part's own output."""

    def __init__(self, text: Text, detail: str = "") -> None:
        super().__init__(f"{text.en}\n{detail}".rstrip())
        self.text = text
        self.detail = detail

    def message(self, lang: Lang = "en") -> str:
        """Return the sentence for people, followed by the part's own last words if it had any."""
        return f"{self.text.of(lang)}\n{self.detail}".rstrip()


class BadStart(StackError):
    """The start cannot be carried out as it was asked for; the caller can mend that."""


class AlreadyRunning(BadStart):
    """Another process holds the lock of this work folder."""
