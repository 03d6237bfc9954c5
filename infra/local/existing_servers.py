"""Checks of the servers that `kanri demo` is told to use, made before anything is started."""

from urllib.parse import urlsplit

from infra.local.errors import BadStart
from shared.core.text import Text

_WAIT_SECONDS = 10


def check_database(url: str) -> None:
    """Sign in to the PostgreSQL database at `url`; BadStart says why not, without the password."""
    import psycopg

    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise BadStart(
            Text(
                "--database takes the URL of a PostgreSQL database: "
                "postgresql://owner:password@host:5432/name.",
                "--database には PostgreSQL データベースの URL "
                "(postgresql://owner:password@host:5432/name) を指定してください。",
            )
        )
    try:
        psycopg.connect(url, connect_timeout=_WAIT_SECONDS).close()
    except psycopg.Error as error:
        # psycopg quotes the part of a URL that it does not understand: it could be the password.
        known = isinstance(error, psycopg.OperationalError)
        raise BadStart(
            Text(
                "The database that --database names cannot be used.",
                "--database で指定されたデータベースを使用できません。",
            ),
            str(error) if known else "",
        ) from None


def check_storage(connection: str) -> None:
    """Ask the queue service of the storage account for its settings; BadStart says why not."""
    from azure.core.exceptions import AzureError
    from azure.storage.queue import QueueServiceClient

    try:
        with QueueServiceClient.from_connection_string(
            connection, retry_total=0, connection_timeout=_WAIT_SECONDS
        ) as queues:
            queues.get_service_properties()
    except (AzureError, ValueError) as error:
        raise BadStart(
            Text(
                "The storage account that --storage names cannot be used. "
                "Give the whole connection string, with its queue endpoint.",
                "--storage で指定されたストレージ アカウントを使用できません。"
                "キューのエンドポイントを含む接続文字列全体を指定してください。",
            ),
            str(error).partition("\n")[0],
        ) from None
