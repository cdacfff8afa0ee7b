"""What tests of every wing share: a fresh store on each database, a Rasa, the samples beside the repository, and what is required.

PostgreSQL runs as one private cluster for the whole session, started when the first test asks for it: on a free port of
127.0.0.1, as the unprivileged user `postgres` when the tests run as root, gone with the tests even when they are killed.
Each test gets a clone of a migrated template (clones.py).

What a test needs and the machine lacks skips it with a reason; `QINGTING_REQUIRE_ALL=1` turns that into a failure.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import psycopg
import pytest

from case_store import schema
from case_store.store import Store
from tests.clones import Clones
from tests.compiled import compiled_once
from tests.dovecot import Dovecot, installed
from tests.ports import free_port
from tests.rasa.fixtures import model, rasa, rasa_server, shared_rasa

# of a fixture that several conftests import pytest makes one each: a session's Rasa is one only from here
__all__ = ["compiled_once", "model", "rasa", "rasa_server", "shared_rasa"]

# how long an example takes says how busy the machine is, and nothing about the law that is tested
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

os.environ.setdefault("AIOSMTPD_CONTROLLER_TIMEOUT", "60")  # seconds until its server is ready; five are its own

DATABASES = ("sqlite", "postgresql")
LONGEST = (
    "bad_days/test_kill.py",
    "dialogue/understanding/test_labelled.py",
    "rasa/test_traps.py",
    "bad_days/test_calls_kill.py",
    "soak/test_mixed.py",
    "dialogue/understanding/test_ranking.py",
    "bad_days/test_telegram.py",
    "bad_days/test_mailbox.py",
    "dialogue/understanding/test_wanting.py",
    "bad_days/test_rasa.py",
    "bad_days/test_processes.py",
    "bad_days/test_uploads.py",
)
"""Files that take a minute or more, longest first. Begun last, one of them would keep one worker busy while the others have nothing left."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    places = {str(here / name): place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(str(item.path), len(LONGEST)))  # the others stay in their order


def missing(reason: str) -> NoReturn:
    """Skips the test that can't run for this reason, or fails it where nothing may be skipped."""
    if os.environ.get("QINGTING_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def require() -> Callable[[str], NoReturn]:
    """`require("no browser here")`: skips, or fails under QINGTING_REQUIRE_ALL=1."""
    return missing


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The samples that lie beside the repository."""
    beside = os.environ.get("QINGTING_SHARED") or Path(__file__).resolve().parents[1].parent / "shared"
    data = Path(beside) / "data"
    if not data.is_dir():
        missing("the shared samples are not here: set QINGTING_SHARED to the folder that holds data/")
    return data


class Cluster:
    """A private PostgreSQL. Can be stopped and started again, as on a bad day."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.binaries = binaries
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self._server: subprocess.Popen[bytes] | None = None

    def initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.folder, secret):
                shutil.chown(path, "postgres", "postgres")
        options = ["--username=qingting", f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8"]
        made = subprocess.run(
            [*unprivileged(), self.binaries / "initdb", f"--pgdata={self.data}", *options, "--locale=C", "--no-sync"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            pytest.fail(f"initdb: {made.stderr}", pytrace=False)

    def start(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "32MB",
            # what no test does is to take the machine away: a server that is killed loses nothing of what it has handed to the system,
            # and a disk that others keep busy for ten seconds is none of its failures
            "fsync": "off",
            "full_page_writes": "off",
            "autovacuum": "off",  # its workers are connected to databases that are to be cloned and dropped
        }
        flags = [f"--{name}={value}" for name, value in settings.items()]
        command = [*unprivileged(), self.binaries / "postgres", "-D", self.data, "-p", str(self.port), *flags]
        with (self.folder / "log").open("ab") as log:
            # a session of its own: Ctrl-C is for the tests, which then stop the server themselves
            self._server = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        give_up = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if self._server is None or self._server.poll() is not None or time.monotonic() > give_up:
                    log = (self.folder / "log").read_text(errors="replace")
                    pytest.fail(f"PostgreSQL does not start: {error}\n{log[-2000:]}", pytrace=False)
                time.sleep(0.05)

    def stop(self) -> None:
        """Ends every connection and the server, in order (fast shutdown)."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(60)
            self._server = None

    def url(self, database: str) -> str:
        return f"postgresql://qingting:{self.password}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        """One statement outside a transaction, on the cluster's own database.

        A database that somebody still uses is waited for: who is ended may take some seconds to be gone.
        """
        give_up = time.monotonic() + 60
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            while True:
                try:
                    connection.execute(statement.encode())
                    return
                except psycopg.errors.ObjectInUse:
                    if time.monotonic() > give_up:
                        raise
                    time.sleep(0.2)


def unprivileged() -> list[str]:
    """What a command of PostgreSQL begins with: another user for root, and an end together with ours (Linux)."""
    change_user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    setpriv = shutil.which("setpriv")
    if setpriv:
        return [setpriv, *change_user, "--pdeathsig=QUIT", "--"]
    return ["runuser", "-u", "postgres", "--"] if change_user else []


def postgresql_binaries() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if installed:
        return installed[-1].parent
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The session's PostgreSQL, with a migrated database `template` to clone."""
    binaries = postgresql_binaries()
    if binaries is None:
        missing("PostgreSQL is not installed here: no initdb in /usr/lib/postgresql/*/bin or on the path")
    # a short name in the system's folder: a socket's path holds 107 bytes and the server's user must reach it
    with tempfile.TemporaryDirectory(prefix="qtpg", dir="/tmp", ignore_cleanup_errors=True) as folder:
        postgresql = Cluster(binaries, Path(folder))
        postgresql.initialise()
        try:
            postgresql.start()
            postgresql.run("CREATE DATABASE template")
            schema.upgrade(postgresql.url("template"))
            yield postgresql
        finally:
            postgresql.stop()


@pytest.fixture
def start_dovecot() -> Iterator[Callable[..., Dovecot]]:
    """`start_dovecot(capability="…", tls=False)`: a mail server of its own, for a test that ends it or wants it otherwise."""
    with contextlib.ExitStack() as ends:

        def start(**options: Any) -> Dovecot:
            return ends.enter_context(running_dovecot(**options))

        yield start


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """The session's mail server: each test takes mailboxes of its own."""
    with running_dovecot() as server:
        yield server


@contextlib.contextmanager
def running_dovecot(**options: Any) -> Iterator[Dovecot]:
    if not installed():
        missing("Dovecot is not installed here: no /usr/lib/dovecot/imap")
    with tempfile.TemporaryDirectory(prefix="qtdc", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = Dovecot(Path(folder), **options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "qingting.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite database."""
    path = tmp_path / "qingting.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def clones(cluster: Cluster) -> Clones:
    return Clones(cluster)


@pytest.fixture
def postgresql_url(cluster: Cluster, clones: Clones) -> Iterator[str]:
    """A fresh, migrated database on the session's PostgreSQL."""
    name = clones.take()
    yield cluster.url(name)
    clones.give(name)


@pytest.fixture(scope="module", params=DATABASES)
def lasting_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that all tests of a module share: for long tables of rows that only read."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("lasting") / "qingting.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        name = f"lasting_{secrets.token_hex(6)}"
        cluster: Cluster = request.getfixturevalue("cluster")
        cluster.run(f"CREATE DATABASE {name} TEMPLATE template")
        url = cluster.url(name)
    opened = Store(url)
    yield opened
    opened.close()


@pytest.fixture
def empty_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """`empty_urls("postgresql")`: the address of a database without any table, a new one each time."""
    made: list[str] = []

    def make(database: str) -> str:
        name = f"empty_{secrets.token_hex(6)}"
        if database == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        cluster: Cluster = request.getfixturevalue("cluster")
        cluster.run(f"CREATE DATABASE {name}")
        made.append(name)
        return cluster.url(name)

    yield make
    for name in made:
        request.getfixturevalue("cluster").run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The name of the database that the test runs on: each in turn."""
    name: str = request.param
    return name


@pytest.fixture
def store_url(request: pytest.FixtureRequest, database: str) -> str:
    """The address of a fresh, migrated database, on each database in turn."""
    url: str = request.getfixturevalue(f"{database}_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store over a fresh database, closed after the test."""
    opened = Store(store_url)
    yield opened
    opened.close()
