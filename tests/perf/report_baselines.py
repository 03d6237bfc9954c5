"""The measured baselines of `report`: the user list by ORM entities and pydantic models."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.perf import baseline_store
from tests.perf.measure import Figures
from tests.perf.repeat import export_figures, request_figures

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.orm import Session

type Job = Mapping[str, Any]


def orm_json(job: Job) -> Figures:
    """Answer the first `job["top"]` users by ORM entities, validated and written by pydantic."""
    from pydantic import TypeAdapter

    row: Any = _row_model()
    adapter: TypeAdapter[Any] = TypeAdapter(list[row])
    users = _Users(job)
    with users.session() as session:

        def answer() -> bytes:
            found = users.page(session, int(job["top"]))
            body = adapter.dump_json(adapter.validate_python([_row(user) for user in found]))
            session.rollback()  # the next request starts with an empty identity map
            session.expunge_all()
            return body

        assert len(TypeAdapter(list[dict[str, Any]]).validate_json(answer())) == job["top"]
        return request_figures(answer, int(job["requests"]), job["admin"])


def orm_csv(job: Job) -> Figures:
    """Write all users to CSV: `.all()` on the ORM, then the csv module."""
    users = _Users(job)
    with users.session() as session:
        users.page(session, 10)
        session.expunge_all()

        def answer() -> Sequence[bytes]:
            out = io.StringIO(newline="")
            writer: Any = None
            for user in users.page(session, None):
                row = _row(user)
                if writer is None:
                    writer = csv.DictWriter(out, list(row))
                    writer.writeheader()
                writer.writerow(row)
            return [out.getvalue().encode("utf-8-sig")]

        return export_figures(answer, int(job["rows"]), job["admin"])


def _mapped(users: "Table", activity: "Table") -> Any:
    """Return an ORM class of users that has each one's sign-in activity."""
    from sqlalchemy import and_
    from sqlalchemy.orm import configure_mappers, foreign, registry, relationship

    class User:
        pass

    class Activity:
        pass

    # 'infinity' is for indexes; Python has no such instant, and `valid_to` says the same.
    unread = ["valid_until"]
    mapping = registry()
    mapping.map_imperatively(
        Activity,
        activity,
        primary_key=[activity.c.tenant_id, activity.c.id],
        exclude_properties=unread,
    )
    joined = and_(
        users.c.tenant_id == foreign(activity.c.tenant_id),
        users.c.id == foreign(activity.c.id),
        activity.c.valid_to.is_(None),
    )
    properties = {
        "activity": relationship(Activity, primaryjoin=joined, uselist=False, viewonly=True)
    }
    mapping.map_imperatively(
        User,
        users,
        primary_key=[users.c.tenant_id, users.c.id],
        properties=properties,
        exclude_properties=unread,
    )
    configure_mappers()
    return User


class _Users:
    """The product's own current rows as ORM entities: users, each with its sign-in activity."""

    def __init__(self, job: Job) -> None:
        from sqlalchemy import select
        from sqlalchemy.orm import joinedload

        from shared.core.registry import collector
        from shared.store.schema.dataset_tables import dataset_table

        users, activity = (
            dataset_table(collector(dataset)) for dataset in ("users", "sign_in_activity")
        )

        user = _mapped(users, activity)
        tenant_id = UUID(job["tenant_id"])
        self._query = (
            select(user)
            .options(joinedload(user.activity))
            .where(users.c.tenant_id == tenant_id, users.c.valid_to.is_(None))
            .order_by(users.c.display_name, users.c.id)
        )
        self._engine = baseline_store.engine(job["database"])

    def session(self) -> "Session":
        """Return a session on the owner's connection; no policy applies to it."""
        from sqlalchemy.orm import Session

        return Session(self._engine)

    def page(self, session: "Session", top: int | None) -> list[Any]:
        """Return the first `top` users, or all."""
        query = self._query if top is None else self._query.limit(top)
        return list(session.scalars(query).all())


def _row(user: Any) -> dict[str, object]:
    """Return the columns of the user list as a plain handler would compute them."""
    now = datetime.now(UTC)
    activity = user.activity
    used = activity.last_successful_sign_in_at if activity else None
    since = user.created_at if activity and used is None else used
    changed = user.last_password_change_at
    password_age = _days(now, changed)
    return {
        "display_name": user.display_name,
        "user_principal_name": user.user_principal_name,
        "email": user.mail,
        "department": user.department,
        "job_title": user.job_title,
        "account_status": "enabled" if user.account_enabled else "disabled",
        "license_status": "licensed" if user.assigned_licenses else "unlicensed",
        "created_at": user.created_at,
        "last_sign_in_at": activity.last_sign_in_at if activity else None,
        "usage_location": user.usage_location,
        "id": user.id,
        "user_type": user.user_type,
        "last_non_interactive_sign_in_at": activity.last_non_interactive_sign_in_at
        if activity
        else None,
        "last_used_at": used,
        "inactive_days": _days(now, since),
        "activity_status": _freshness(_days(now, used)) if used or not activity else "never_used",
        "last_password_change_at": changed,
        "password_age_days": password_age,
        "password_status": _freshness(password_age),
        "risk_level": _risk(password_age),
    }


def _days(now: datetime, moment: datetime | None) -> int | None:
    return None if moment is None else (now - moment).days


def _freshness(days: int | None) -> str | None:
    if days is None:
        return None
    return "normal" if days <= 90 else "review" if days <= 180 else "stale"


def _risk(days: int | None) -> str | None:
    if days is None:
        return None
    return "high" if days > 365 else "medium" if days > 180 else "low"


def _row_model() -> type[Any]:
    from pydantic import BaseModel

    class Row(BaseModel):
        display_name: str | None
        user_principal_name: str | None
        email: str | None
        department: str | None
        job_title: str | None
        account_status: str
        license_status: str
        created_at: datetime | None
        last_sign_in_at: datetime | None
        usage_location: str | None
        id: str
        user_type: str | None
        last_non_interactive_sign_in_at: datetime | None
        last_used_at: datetime | None
        inactive_days: int | None
        activity_status: str | None
        last_password_change_at: datetime | None
        password_age_days: int | None
        password_status: str | None
        risk_level: str | None

    return Row
