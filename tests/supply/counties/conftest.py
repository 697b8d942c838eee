"""The county folders as they are shipped, read once; and a copy of one that a test may spoil."""

import shutil
from functools import lru_cache
from pathlib import Path

import pytest

from supply.counties.profile import read_profile
from supply.counties.profile_rows import Profile

COUNTIES = Path(__file__).parents[3] / "data" / "counties"


@lru_cache
def shipped(code: str) -> Profile:
    return read_profile(COUNTIES / code)


@pytest.fixture(params=["ninghai", "shengsi"])
def county(request: pytest.FixtureRequest) -> Profile:
    return shipped(request.param)


@pytest.fixture
def ninghai() -> Profile:
    return shipped("ninghai")


@pytest.fixture
def shengsi() -> Profile:
    return shipped("shengsi")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A private copy of the small county."""
    return Path(shutil.copytree(COUNTIES / "shengsi", tmp_path / "shengsi"))
