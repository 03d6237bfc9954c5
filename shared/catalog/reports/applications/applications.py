"""Which applications may act in the tenant, with what, until when, and who answers for them."""

from sqlalchemy import Text as TextType
from sqlalchemy import func, literal, true

from shared.catalog import application_credentials as signs_in
from shared.catalog import application_lists as lists
from shared.catalog import words
from shared.catalog.application_rights import consent_level
from shared.catalog.expressions import account_status
from shared.catalog.labels import ACCOUNT, RISK
from shared.catalog.table import SUM, Table, col, report_table
from shared.catalog.union import union
from shared.core.report import Chart, Report, Sources
from shared.core.text import Text

_STATE = Text("Credential state", "資格情報の状態")
_NEXT = Text("Next credential ends", "次の資格情報の期限")
_LAST = Text("Last credential ends", "最後の資格情報の期限")
_LEFT = Text("Days until the next end", "次の期限までの日数")
_EXPIRED = Text("Expired credentials", "期限切れの資格情報数")
_REACH = Text("Reach of permissions", "許可の影響度")
_APPLICATION = Text("Application permissions", "アプリケーションの許可")
_FOR_ALL = Text("Delegated for everybody", "全ユーザーへの委任")
_BY_USERS = Text("Delegated by users", "ユーザーによる委任")
_USERS = Text("Users who consented", "同意したユーザー数")
_PUBLISHER = Text("Verified publisher", "確認済みの発行元")


@report_table
def _applications(s: Sources) -> Table:
    """What may act in the tenant, and what is registered besides."""
    in_use, rest = lists.in_use(s), lists.registered_only(s)
    return union(_rows(s, "principals", in_use), _rows(s, "registrations", rest))


def _rows(s: Sources, own: str, apps: lists.ApplicationLists) -> Table:
    here, registered = apps.principals.c, apps.registrations.c
    roles, grants, owners = apps.rights.roles.c, apps.rights.grants.c, apps.owners.c
    held = lists.held_credentials(s, apps)
    ends, state = held.c, signs_in.credential_state(s, held)
    publisher = func.coalesce(here.verified_publisher, registered.verified_publisher)
    audience = func.coalesce(here.sign_in_audience, registered.sign_in_audience)
    enabled, reach = account_status(here.account_enabled), consent_level(s, apps.rights)
    return Table(
        apps.source.join(held, true()),
        col("app_name", apps.who.c.display_name, Text("Application", "アプリケーション")),
        col("origin", lists.origin(s, apps), Text("Registered in", "登録元"), labels=lists.ORIGIN),
        col("credential_state", state, _STATE, labels=signs_in.CREDENTIAL_STATE),
        col("next_credential_ends_at", ends.next_end, _NEXT),
        col("days_left", signs_in.days_left(s, held), _LEFT),
        col("consent_level", reach, _REACH, labels=RISK),
        col("application_permissions", roles.names, _APPLICATION),
        col("delegated_for_all", grants.for_all, _FOR_ALL),
        col("owner_count", lists.owner_count(s, apps), Text("Number of owners", "所有者数")),
        col("owners", owners.names, Text("Owners", "所有者")),
        col("status", enabled, words.STATUS, labels=ACCOUNT),
        col("credential_count", ends.number, Text("Credentials", "資格情報数"), total=SUM),
        col("expired_credential_count", ends.expired, _EXPIRED, total=SUM),
        col("last_credential_ends_at", ends.last_end, _LAST),
        col("delegated_by_users", grants.by_users, _BY_USERS),
        col("consenting_user_count", grants.users, _USERS),
        col("verified_publisher", publisher, _PUBLISHER),
        col("sign_in_audience", audience, Text("Who may sign in", "サインイン対象")),
        col("created_at", registered.created_at, words.CREATED),
        col("app_id", apps.who.c.app_id, Text("Client id", "クライアント ID")),
        col("found_in", lists.found_in(s, apps), words.FOUND_IN, labels=lists.FOUND_IN),
        col("id", apps.who.c.id, words.OBJECT_ID),
        col("list", literal(own, TextType()), Text("List", "一覧"), labels=lists.LIST),
        where=apps.where,
    )


REPORT = Report(
    title=Text("Applications", "アプリケーション"),
    description=Text(
        "Every application that may act in the tenant or is registered in it: when its credentials "
        "end, what it was allowed, who owns it. Reach is high where an application permission of "
        "Graph, Exchange or SharePoint writes, medium for any other, and where an administrator let "
        "it write for everybody; low for other delegated permissions.",
        "テナントで動作または登録されているすべてのアプリケーションと、資格情報の期限、許可、所有者。"
        "影響度は、Graph・Exchange・SharePoint の書き込み可能なアプリケーションの許可があれば「高」、その他の"
        "アプリケーションの許可または管理者が全ユーザー向けに同意した書き込みの委任は「中」、その他の委任は「低」です。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/serviceprincipal",
    lacks=lists.LACKS,
    table=_applications,
    row_key=("id", "list"),
    order=("app_name",),
    chart=Chart(kind="bar", across="credential_state"),
    presets=lists.PRESETS,
)
