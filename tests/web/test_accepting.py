"""Which format `Accept` asks for: weights, ranges, what cannot be read."""

import pytest

from shared.web.accepting import chosen

OFFERED = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.ms",
    "x": "text/x",
}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "json"),
        ("", "json"),
        ("nonsense", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV; charset=utf-8; q=0.5", "csv"),
        ("text/*", "csv"),
        ("text/*, text/csv;q=0.1", "x"),
        ("text/csv;q=0.5, application/json;q=0.4", "csv"),
        ("application/json, text/plain, */*", "json"),
        # Named, and so meant.
        ("text/csv, */*", "csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
        ("application/json;q=0, */*;q=0.1", "csv"),
        ("application/vnd.ms", "xlsx"),
        ("text/html", None),
        ("*/*;q=0", None),
        ("text/csv;q=0.000", None),
        ("text/csv;q=2", "json"),
        ("application/json;q=0.3, text/csv;q=0.3", "json"),
    ],
)
def test_the_most_welcome_one_is_chosen(accept: str, form: str | None) -> None:
    assert chosen(accept, OFFERED) == form
