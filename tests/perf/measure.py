"""What a stretch of work costs: wall and client CPU time, PostgreSQL's CPU time, WAL, peak memory."""

import os
import resource
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

type Figures = dict[str, float]

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def peak_rss_mb() -> float:
    """Return the peak resident memory of this process in MB.

    VmHWM starts afresh at exec (proc(5)); ru_maxrss, used elsewhere, is inherited from the parent.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def cpu_seconds() -> float:
    """Return user and system time of this process, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def server_cpu_seconds(postmaster: int) -> float:
    """Return the CPU time of a PostgreSQL server, ended backends included; 0 where /proc is missing.

    The kernel counts in ticks of 10 ms, so stretches below 0.1 s are coarse.
    """
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:  # the process ended between listing and reading
            continue
        if int(stat.parent.name) == postmaster:
            ticks += sum(int(word) for word in words[11:15])
        elif int(words[1]) == postmaster:
            ticks += int(words[11]) + int(words[12])
    return ticks / _TICKS


class Meter:
    """Measures the body of a `with` block; `figures(rows)` afterwards.

    `admin_url` is a superuser's URL of the server to watch, or None for none. Its connection is
    opened before the clock starts.
    """

    def __init__(self, admin_url: str | None) -> None:
        self._connection = None
        self._postmaster = 0
        if admin_url is not None:
            import psycopg

            self._connection = psycopg.connect(admin_url, autocommit=True)
            backend = self._connection.info.backend_pid
            self._postmaster = _parent_of(backend)
        self.wall = self.cpu = self.server_cpu = self.wal = 0.0

    def __enter__(self) -> Self:
        self.wal = -self._wal_position()
        self.server_cpu = -self._server_cpu()
        self.cpu = -cpu_seconds()
        self.wall = -time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wall += time.perf_counter()
        self.cpu += cpu_seconds()
        self.server_cpu += self._server_cpu()
        self.wal += self._wal_position()
        if self._connection is not None:
            self._connection.close()

    def figures(self, rows: int) -> Figures:
        """Return the figures per row: microseconds, MB, rows per second."""
        return {
            "rows": rows,
            "rows_s": rows / self.wall,
            "cpu_us": self.cpu / rows * 1e6,
            "pg_us": self.server_cpu / rows * 1e6,
            "wal_mb": self.wal / 1e6,
            "rss_mb": peak_rss_mb(),
        }

    def _server_cpu(self) -> float:
        return server_cpu_seconds(self._postmaster) if self._postmaster else 0.0

    def _wal_position(self) -> float:
        if self._connection is None:
            return 0.0
        found = self._connection.execute(
            "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
        )
        row = found.fetchone()
        return float(row[0]) if row else 0.0


def _parent_of(pid: int) -> int:
    """Return the parent of a process; 0 where /proc is missing or the process is not ours to see."""
    stat = Path(f"/proc/{pid}/stat")
    return int(stat.read_text().rpartition(")")[2].split()[1]) if stat.exists() else 0
