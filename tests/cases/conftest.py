"""One shop for all tests of a module: recording takes a second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.houses import CaseHouse, case_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[CaseHouse]:
    with case_house(migrated_sqlite, tmp_path_factory.mktemp("cases")) as house:
        yield house
