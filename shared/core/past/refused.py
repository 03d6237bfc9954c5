"""Why a whole file is not taken."""


class Refused(Exception):
    """`why` is a key of the section `past_refused`; `line` where it is known."""

    def __init__(self, why: str, line: int | None = None, detail: str = "") -> None:
        self.why, self.line, self.detail = why, line, detail
        super().__init__(why)
