"""What each person did on one day, and the score made of it.

The day is the newest of which Microsoft has published the mail; it lasts from midnight to midnight in
UTC. Of that day Microsoft lists only those who did something: whoever is not listed did nothing,
but only if the day was read at all, and if he is licensed for the service.

The score is what is known of three parts, in percent of what these can come to: 20 for a sign-in; 40
for mail, in full from 20 sent messages, five read ones counting for one sent; 40 for Teams, in full
from 40 messages, a call or meeting counting for five. So a missing licence lowers nobody's score.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Interval,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    true,
    values,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.core.report import Sources
from shared.core.report_parameters import ACTIVITY_HIGH_SCORE, ACTIVITY_MEDIUM_SCORE

# How far behind the mail the newest day of Teams may be.
_DAYS = 7
_UTC_DAY: ColumnElement[timedelta] = literal_column("INTERVAL '24 hours'", Interval())
_LISTED = (func.count() > literal_column("0")).label("listed")


class DaysActivity(NamedTuple):
    """The rows of `source`, one for each of `users`.

    `done` has the `day`, numbers of it that are null if unknown (`sign_ins`, `mails`, `actions`), and
    the `score`, 0 to 100.
    """

    source: FromClause
    users: FromClause
    done: FromClause


def days_activity(s: Sources) -> DaysActivity:
    """Return the users with what they did on the newest day.

    What is known of one of them is looked up for each: a page of users takes no more than that, and the
    planner, who expects a handful of users, would else compare all of them with all lines.
    """
    usage, newest = s.measures("active_users"), s.measures("email_activity")
    day = select(func.max(newest.c.report_date)).scalar_subquery()
    users = s.entity("users")
    held, mail = _licensed(usage, users), _mail(s, users)
    teams, known = _teams(s, users, day), _known(s, day)
    mails = and_(known.c.day.is_not(None), func.coalesce(held.c.exchange, True))
    actions = and_(known.c.teams, func.coalesce(held.c.teams, True))
    signed = cast(_sign_ins(s, day).op("->>")(users.c.id), BigInteger)
    numbers = _row(
        known.c.day,
        case((known.c.sign_ins, func.coalesce(signed, 0))).label("sign_ins"),
        _number(mail, mail.c.mails, mails).label("mails"),
        _number(mail, mail.c.weight, mails).label("mail_weight"),
        _number(teams, teams.c.actions, actions).label("actions"),
        _number(teams, teams.c.weight, actions).label("teams_weight"),
    )
    done = _row(*numbers.c, _score(numbers).label("score"))
    source: FromClause = users
    for one in (known, held, mail, teams, numbers, done):
        source = source.join(one, true())
    return DaysActivity(source, users, done)


def activity_level(s: Sources, score: ColumnElement[int]) -> ColumnElement[str]:
    """Return the code of `labels.USAGE_LEVEL` for a score; null if that is unknown."""
    high, medium = s.parameter(ACTIVITY_HIGH_SCORE), s.parameter(ACTIVITY_MEDIUM_SCORE)
    return case(
        (score >= high, "high"),
        (score >= medium, "medium"),
        (score > 0, "low"),
        (score == 0, "none"),
    )


def was_active(score: ColumnElement[int]) -> ColumnElement[str]:
    """Return the code of `labels.ACTIVE` for a score; null if that is unknown."""
    return case((score > 0, "active"), (score == 0, "inactive"))


def _row(*columns: ColumnElement[Any]) -> FromClause:
    """A row of expressions; OFFSET has each worked out once, however often it is used."""
    one = values(column("one", Integer), name="one").data([(1,)])
    return select(*columns).select_from(one).offset(literal_column("0")).lateral()


def _number(
    told: FromClause, number: ColumnElement[int], known: ColumnElement[bool]
) -> ColumnElement[int]:
    """Who is not listed did nothing; of who is, a number that Microsoft left out is not known."""
    return case((known & told.c.listed, number), (known, 0))


def _score(told: FromClause) -> ColumnElement[int]:
    """In whole numbers, five times the points, so that nothing is lost before the rounding."""
    count = told.c
    parts = (
        (count.sign_ins, 20, 100 * func.least(count.sign_ins, 1)),
        (count.mail_weight, 40, 2 * func.least(count.mail_weight, 100)),
        (count.teams_weight, 40, 5 * func.least(count.teams_weight, 40)),
    )
    reached: ColumnElement[int] = literal(0, BigInteger)
    possible: ColumnElement[int] = literal(0, BigInteger)
    for number, most, part in parts:
        reached += case((number.is_not(None), part), else_=0)
        possible += case((number.is_not(None), most), else_=0)
    # Half a point is a whole one.
    return (40 * reached + possible) // (2 * func.nullif(possible, 0))


def _licensed(usage: FromClause, users: FromClause) -> FromClause:
    """Whether a user is licensed; null if nobody says so."""
    row = usage.c
    return (
        select(
            func.bool_or(row.has_exchange_license).label("exchange"),
            func.bool_or(row.has_teams_license).label("teams"),
        )
        .where(
            row.user_principal_name_folded == users.c.user_principal_name_folded,
            func.coalesce(row.is_deleted, False).is_(False),
        )
        .lateral()
    )


def _mail(s: Sources, users: FromClause) -> FromClause:
    usage = s.measures("email_activity")
    row = usage.c
    return (
        select(
            _LISTED,
            cast(func.sum(row.send_count + row.receive_count), BigInteger).label("mails"),
            cast(func.sum(5 * row.send_count + row.read_count), BigInteger).label("weight"),
        )
        .where(
            row.user_principal_name_folded == users.c.user_principal_name_folded,
            func.coalesce(row.is_deleted, False).is_(False),
        )
        .lateral()
    )


def _teams(s: Sources, users: FromClause, day: ColumnElement[date]) -> FromClause:
    usage = s.series("teams_daily_activity", _DAYS)
    row = usage.c
    messages = row.team_chat_message_count + row.private_chat_message_count
    spoken = row.call_count + row.meeting_count
    return (
        select(
            _LISTED,
            func.max(messages + spoken).label("actions"),
            func.max(messages + 5 * spoken).label("weight"),
        )
        .where(row.report_date == day, row.id == users.c.id)
        .lateral()
    )


def _sign_ins(s: Sources, day: ColumnElement[date]) -> ColumnElement[object]:
    """The number of each user who had any, by id: no index leads from a user to his sign-ins."""
    row, begins = s.events("sign_ins").c, _begins(day)
    signed = (
        select(row.user_id, func.count().label("number"))
        .where(
            row.created_at >= begins,
            row.created_at < begins + _UTC_DAY,
            row.error_code == 0,
            row.user_id.is_not(None),
        )
        .group_by(row.user_id)
        .subquery()
    )
    by_user = func.jsonb_object_agg(signed.c.user_id, signed.c.number, type_=JSONB)
    return select(by_user).scalar_subquery()


def _known(s: Sources, day: ColumnElement[date]) -> FromClause:
    """One row: the day, and whether Teams and sign-ins were read as far as that."""
    teams, row = s.series("teams_daily_activity", _DAYS), s.events("sign_ins").c
    newest = select(func.max(teams.c.report_date)).scalar_subquery()
    reached = select(literal(1)).where(row.created_at >= _begins(day)).exists()
    # A first reading goes forward from the past: it may be in the middle of the day.
    whole = select(s.runs(("sign_ins",)).c.complete_at).scalar_subquery()
    signed = and_(reached, func.coalesce(whole >= _begins(day) + _UTC_DAY, False))
    # OFFSET keeps it one row that is read once.
    return (
        select(
            day.label("day"),
            func.coalesce(newest >= day, False).label("teams"),
            signed.label("sign_ins"),
        )
        .offset(literal_column("0"))
        .subquery()
    )


def _begins(day: ColumnElement[date]) -> ColumnElement[object]:
    return func.timezone("UTC", cast(day, TIMESTAMP()), type_=TIMESTAMP(timezone=True))
