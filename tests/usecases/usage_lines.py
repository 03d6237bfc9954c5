"""Usage files as Microsoft writes them, line by line, and a bench that reads them."""

from infra.local.sandbox.client import SandboxAdmin
from shared.core import registry
from shared.core.coverage import Coverage
from shared.core.query import Order, ReportQuery
from shared.store.answers.reports import Reports
from shared.store.work.run_records import LedgerRow
from tests.fixtures.collecting import Bench

GIB_10 = 10 * 1024**3


MAILBOX = (
    "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Created Date,"
    "Last Activity Date,Item Count,Storage Used (Byte),Issue Warning Quota (Byte),"
    "Prohibit Send Quota (Byte),Prohibit Send/Receive Quota (Byte),Deleted Item Count,"
    "Deleted Item Size (Byte),Report Period"
)


ONEDRIVE = (
    "Report Refresh Date,Site Id,Site URL,Owner Display Name,Is Deleted,Last Activity Date,"
    "File Count,Active File Count,Storage Used (Byte),Storage Allocated (Byte),"
    "Owner Principal Name,Report Period"
)


TEAMS = (
    "Report Refresh Date,User Id,User Principal Name,Last Activity Date,Is Deleted,Deleted Date,"
    "Assigned Products,Team Chat Message Count,Private Chat Message Count,Call Count,Meeting Count,"
    "Meetings Organized Count,Meetings Attended Count,Is Licensed,Report Period"
)


def mailbox(
    name: str,
    *,
    created: str = "2025-01-01",
    deleted: str = "",
    used: int = GIB_10,
    day: str = "27",
) -> str:
    gone = "True" if deleted else "False"
    return f"2026-11-{day},{name},,{gone},{deleted},{created},,5,{used},1,2,3,0,0,7"


def drive(site: str, url: str, owner: str, used: int = 1) -> str:
    return f"2026-11-27,{site},{url},,False,,5,1,{used},100,{owner},7"


def teams(own: str, name: str) -> str:
    return f"2026-11-27,{own},{name},,False,,,1,2,3,4,5,6,Yes,30"


def file_of(header: str, *lines: str) -> str:
    return "\ufeff" + "".join(f"{line}\r\n" for line in (header, *lines))


class Reading:
    """Collects what a file of the test's own says."""

    def __init__(self, bench: Bench, admin: SandboxAdmin) -> None:
        self.bench = bench
        self._admin = admin

    def read(self, dataset: str, body: str, count: int | None = None) -> LedgerRow:
        fault = {"kind": "body", "path": "reportsdownload", "value": body, "count": count}
        self._admin.faults(fault)
        row = self.bench.collect(dataset)
        self._admin.clear_faults()
        assert row is not None
        return row

    def ids(self, dataset: str) -> set[str]:
        return set(self.bench.current(dataset))

    def answer(self, key: str, **at: object) -> list[dict[str, object]]:
        report = registry.report(key)
        names = tuple(column.id for column in report.columns)
        order = tuple(Order(name) for name in report.row_key)
        question = ReportQuery(as_of=None, columns=names, order=order, top=1000, **at)  # type: ignore[arg-type]
        with Reports(self.bench.engine).snapshot(self.bench.tenant_id) as snapshot:
            return [
                dict(zip(names, row, strict=True)) for row in snapshot.page(report, question).rows
            ]

    def coverage(self, dataset: str) -> Coverage:
        with Reports(self.bench.engine).snapshot(self.bench.tenant_id) as snapshot:
            return snapshot.standing([dataset], None).coverage[0]
