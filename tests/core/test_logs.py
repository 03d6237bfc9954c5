"""How much is logged at which level, of ours and of libraries."""

import logging

import pytest

from shared.core.logs import configure_logs

# Each of them logs addresses with their queries, or every request for a token, at INFO or DEBUG.
TELLING = (
    "azure.core.pipeline",
    "httpx",
    "httpcore.http11",
    "msal.token_cache",
    "urllib3.connectionpool",
)


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "ERROR"])
def test_libraries_stay_at_warning_whatever_our_level(
    level: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(
        logging.DEBUG
    )  # What the worker's root logger lets through is not ours to say.
    names = ("kanri", *(name.partition(".")[0] for name in TELLING), "kiota_http")
    before = {name: logging.getLogger(name).level for name in names}
    try:
        configure_logs.__wrapped__(level)
        assert logging.getLogger("kanri").isEnabledFor(logging.DEBUG) == (level == "DEBUG")
        for name in TELLING:
            assert not logging.getLogger(name).isEnabledFor(logging.INFO), name
    finally:
        for name, value in before.items():
            logging.getLogger(name).setLevel(value)
