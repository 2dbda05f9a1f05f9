"""One shop for all tests of a module: recording takes a second."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.houses import CaseHouse, case_house
from keeping.conftest import Store
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.engine import sqlite_url


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[CaseHouse]:
    with case_house(migrated_sqlite, tmp_path_factory.mktemp("cases")) as house:
        yield house


@pytest.fixture
def store(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Store]:
    """A shop with pictures, footage and facts of many ages."""
    shutil.copy(migrated_sqlite, tmp_path / "tenban.db")
    database = Database(sqlite_url(tmp_path / "tenban.db"))
    yield Store(database, FakeClock(), tmp_path)
    database.close()
