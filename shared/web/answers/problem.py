"""An error as RFC 9457 describes it."""

from shared.web.answers.answer import Answer


class Problem(Answer):
    """RFC 9457. `code` is stable; `parameter` names the input at fault."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    parameter: str | None = None
