"""The embedded stack: PostgreSQL, Azurite, the sandbox tenant and the Functions host, as one thing."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.local.azurite import Azurite
from infra.local.host_process import HostProcess, HostReady
from infra.local.postgres import Postgres
from infra.local.private_file import private_folder
from infra.local.repository import ROOT, WORK_DIR
from infra.local.sandbox_process import SandboxProcess, SandboxReady
from infra.local.sandbox_size import sandbox_users
from infra.local.settings_file import write_settings
from infra.local.tenant_file import TenantLogin, sandbox_login
from infra.local.work_lock import WorkLock
from shared.core.text import Text

DATABASE = "kanri"

_OWN_FOLDERS = ("postgres", "azurite", "sandbox", "logs")
_OWN_NAMES = (*_OWN_FOLDERS, "local.settings.json")

type Say = Callable[[Text], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDatabase:
    """What the app needs of a database that is migrated: its own login and an API key to call it."""

    app_url: str
    api_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """What to start. Everything that is not named is started as an embedded part."""

    work_dir: Path
    """State of this stack; one stack at a time per folder."""
    users: int | None = None
    """Users of the sandbox tenant; None takes the number of the last start, 2,000 at first."""
    port: int = 0
    """Port of the Functions host; 0 picks a free one."""
    wire_log: Path | None = None
    """Where the sandbox writes every Graph exchange."""
    tenant: TenantLogin | None = None
    """An existing tenant instead of the sandbox."""
    database_url: str | None = None
    """An existing PostgreSQL database (URL of its owner) instead of the embedded one."""
    storage: str | None = None
    """Connection string of an existing storage account instead of Azurite."""
    rate_limits: str = ""
    """Quotas other than the usual ones, as in `KANRI_RATE_LIMITS`."""
    prepare_database: Callable[[str], PreparedDatabase]
    """Migrate the database behind the owner's URL and return the app's login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStack:
    """Where the parts are."""

    url: str
    login: TenantLogin
    api_key: str
    functions: list[str]
    settings_file: Path
    owner_url: str
    sandbox: SandboxReady | None


class _Part(Protocol):
    @property
    def running(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


def clock_file(work_dir: Path) -> Path:
    """Return the clock that the sandbox, the host and the app of a stack follow."""
    return work_dir / "clock"


class Stack:
    """Starts the parts in order and stops them in the reverse order, whatever happened between."""

    def __init__(self, options: StackOptions, say: Say) -> None:
        """`say` is told what happens, for people."""
        self._options = options
        self._say = say
        self._work = options.work_dir.absolute()
        self._parts: dict[str, _Part] = {}
        self._cleanup = ExitStack()

    def start(self, *, reset: bool = False) -> RunningStack:
        """Start everything; with `reset` on an empty state.

        Raises AlreadyRunning if another stack holds the work folder, and StackError if a part does
        not come up; then everything is stopped again.
        """
        with ExitStack() as undo:
            undo.callback(self.stop)
            _close_to_others(self._work)
            self._cleanup.enter_context(WorkLock(self._work / "lock"))
            if reset:
                remove_state(self._work)
            private_folder(self._work / "logs")
            running = self._start_parts()
            undo.pop_all()
        return running

    def stop(self) -> None:
        """Stop what is running; harmless if nothing is."""
        self._parts.clear()
        self._cleanup.close()

    def ended_parts(self) -> list[str]:
        """Return the names of parts that ended although nobody stopped them."""
        return [name for name, part in self._parts.items() if not part.running]

    def _start_parts(self) -> RunningStack:
        # The slow starters first: they get ready while PostgreSQL is set up.
        sandbox = self._start_sandbox()
        azurite = self._start_azurite()
        owner_url = self._options.database_url or self._start_postgres()
        self._say(Text("Applying migrations ...", "マイグレーションを適用しています..."))
        database = self._options.prepare_database(owner_url)
        ready = sandbox.wait_ready() if sandbox else None
        if azurite:
            azurite.wait_ready()
        login = self._options.tenant or sandbox_login(_present(ready))
        settings = self._work / "local.settings.json"
        write_settings(
            settings,
            login=login,
            sandbox=ready is not None,
            database_url=database.app_url,
            storage=self._options.storage or _present(azurite).connection_string,
            # Graph's own time is not ours to move.
            clock_file=clock_file(self._work) if ready else None,
            rate_limits=self._options.rate_limits,
        )
        host = self._start_host(settings)
        return RunningStack(
            url=f"http://127.0.0.1:{host.port}",
            login=login,
            api_key=database.api_key,
            functions=host.functions,
            settings_file=settings,
            owner_url=owner_url,
            sandbox=ready,
        )

    def _start_sandbox(self) -> SandboxProcess | None:
        if self._options.tenant is not None:
            return None
        users = sandbox_users(self._work / "sandbox", self._options.users)
        self._say(
            Text(
                f"Starting the sandbox tenant with {users:,} users ...",
                f"サンドボックス テナント (ユーザー {users:,} 人) を起動しています...",
            )
        )
        sandbox = SandboxProcess(
            self._work / "sandbox",
            users=users,
            log_file=self._log("sandbox"),
            wire_log=self._options.wire_log,
            clock_file=clock_file(self._work),
        )
        self._start("sandbox", sandbox)
        return sandbox

    def _start_azurite(self) -> Azurite | None:
        if self._options.storage is not None:
            return None
        azurite = Azurite(
            self._work / "azurite",
            tools=WORK_DIR,
            say=self._say,
            log_file=self._log("azurite"),
        )
        self._say(Text("Starting Azurite ...", "Azurite を起動しています..."))
        self._start("azurite", azurite)
        return azurite

    def _start_postgres(self) -> str:
        self._say(Text("Starting PostgreSQL ...", "PostgreSQL を起動しています..."))
        postgres = Postgres(self._work / "postgres", log_file=self._log("postgres"))
        self._start("postgres", postgres)
        postgres.create_database(DATABASE)
        return postgres.url(DATABASE)

    def _start_host(self, settings: Path) -> HostReady:
        self._say(Text("Starting the Functions host ...", "Functions ホストを起動しています..."))
        host = HostProcess(
            ROOT, settings=settings, log_file=self._log("host"), port=self._options.port
        )
        self._start("host", host)
        return host.wait_ready()

    def _start(self, name: str, part: _Part) -> None:
        # Registered first: a start that is interrupted half-way is undone too.
        self._cleanup.callback(part.stop)
        if name in _OWN_FOLDERS:
            private_folder(self._work / name)
        part.start()
        self._parts[name] = part

    def _log(self, name: str) -> Path:
        return self._work / "logs" / f"{name}.log"


def _close_to_others(work_dir: Path) -> None:
    """Keep the host's keys, the queues' messages and the tenant's data from other local users.

    A folder that somebody else chose and that exists is left as it is: then ours below it are
    closed.
    """
    if work_dir.is_relative_to(WORK_DIR):
        private_folder(WORK_DIR)
        private_folder(work_dir)
    elif not work_dir.exists():
        private_folder(work_dir)


def remove_state(work_dir: Path) -> None:
    """Remove what a stack keeps in `work_dir`; installations and other people's files stay."""
    for name in _OWN_NAMES:
        path = work_dir / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _present[T](part: T | None) -> T:
    """Return a part that the options say was started."""
    if part is None:
        raise RuntimeError("this part was not started")
    return part
