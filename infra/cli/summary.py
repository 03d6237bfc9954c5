"""What a run of the whole stack came to: per dataset and per report, as tables and as JSON."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.table import Table

from infra.cli.terminal import spoken
from shared.core.text import Text

_STATE_STYLE = {"ok": "green", "partial": "yellow", "throttled": "yellow", "off": "dim"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetResult:
    """One dataset: the state of its run, rows read, and seconds from its start to its end.

    `state` is a ledger state, or `running` while the run goes on. `cause` is the code of its error.
    """

    dataset: str
    state: str
    rows: int | None = None
    seconds: float | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportResult:
    """One report fetched once: its rows, the milliseconds of the request, the HTTP status."""

    report: str
    rows: int | None
    milliseconds: float
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything a run did. `links` are names and URLs for people."""

    datasets: list[DatasetResult] = field(default_factory=list)
    reports: list[ReportResult] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every dataset that is on was read to its end and every report answered."""
        return (
            bool(self.datasets)
            and all(item.state in ("ok", "off") for item in self.datasets)
            and all(item.status == 200 for item in self.reports)
        )

    def as_json(self) -> dict[str, object]:
        """Return the one object that `--json` prints."""
        return {"ok": self.ok, **asdict(self)}

    def show(self, console: Console) -> None:
        """Print the tables and the links."""
        if self.datasets:
            console.print(_dataset_table(self.datasets))
        if self.reports:
            console.print(_report_table(self.reports))
        for name, url in self.links.items():
            console.print(f"{name}: {url}", markup=False, soft_wrap=True)


def _dataset_table(datasets: Iterable[DatasetResult]) -> Table:
    table = Table()
    table.add_column(spoken(Text("Dataset", "データセット")), overflow="fold")
    table.add_column(spoken(Text("Rows", "行数")), justify="right")
    table.add_column(spoken(Text("State", "状態")), overflow="fold")
    table.add_column(spoken(Text("Seconds", "秒")), justify="right")
    for item in datasets:
        state = item.state if item.cause is None else f"{item.state} ({item.cause})"
        table.add_row(
            item.dataset,
            "" if item.rows is None else f"{item.rows:,}",
            f"[{_STATE_STYLE.get(item.state, 'red')}]{state}[/]",
            "" if item.seconds is None else f"{item.seconds:.1f}",
        )
    return table


def _report_table(reports: Iterable[ReportResult]) -> Table:
    table = Table()
    table.add_column(spoken(Text("Report", "レポート")), overflow="fold")
    table.add_column(spoken(Text("Rows", "行数")), justify="right")
    table.add_column(spoken(Text("Milliseconds", "ミリ秒")), justify="right")
    table.add_column("HTTP", justify="right")
    for item in reports:
        table.add_row(
            item.report,
            "" if item.rows is None else f"{item.rows:,}",
            f"{item.milliseconds:.0f}",
            f"[{'green' if item.status == 200 else 'red'}]{item.status}[/]",
        )
    return table
