"""A process's copies end with what it commits itself, and are looked at again after a moment."""

import pytest

from core import copies, db
from core.copies import Copies

WHAT = "kites"


@pytest.fixture
def asked() -> list[str | None]:
    """What each asking was given as the last copy."""
    return []


@pytest.fixture
def kites(asked: list[str | None]):
    kept: Copies[int, str] = Copies(WHAT)

    def ask(last: str | None) -> str:
        asked.append(last)
        return f"answer {len(asked)}"

    return lambda: kept.read(1, ask)


def test_a_copy_is_asked_for_once_while_nothing_changes(kites, asked, database) -> None:
    with db.writing() as session:
        db.touched(session, "something else")
    assert [kites() for _ in range(3)] == ["answer 1"] * 3
    assert asked == [None]


def test_a_commit_of_this_process_ends_it_and_what_is_rolled_back_does_not(kites, asked, database) -> None:
    kites()
    with pytest.raises(ZeroDivisionError), db.writing() as session:
        db.touched(session, WHAT)
        raise ZeroDivisionError
    assert kites() == "answer 1"
    with db.writing() as session:
        with session.begin_nested():
            db.touched(session, WHAT)
        assert kites() == "answer 1"  # the savepoint's end is no commit
    assert kites() == "answer 2"
    assert asked == [None, None]  # what was changed here is not read from an older copy


def test_what_others_may_have_changed_is_looked_at_again(kites, asked, database, monkeypatch) -> None:
    monkeypatch.setattr(copies, "RECHECK_S", -1.0)
    assert [kites(), kites()] == ["answer 1", "answer 2"]
    assert asked == [None, "answer 1"]
