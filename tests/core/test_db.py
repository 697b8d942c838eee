"""Which failures are the database's state: answered 503, tried again, and never counted against a request or a row."""

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError

from core import clock, db
from core.tenant import Tenant


class Raw(Exception):
    def __init__(self, words="", state=None):
        super().__init__(words)
        self.sqlstate = state


@pytest.mark.parametrize(
    "error",
    [
        *(OperationalError("x", {}, Raw(state=state)) for state in ("40P01", "55P03", "57014", "57P01", "53100", "53300", "08006")),
        InternalError("x", {}, Raw(state="25P03")),
        OperationalError("x", {}, Raw("database is locked")),
        OperationalError("x", {}, Raw("database or disk is full")),
        OperationalError("x", {}, Raw("attempt to write a readonly database")),
        OperationalError("x", {}, Raw("disk I/O error")),
        InternalError("x", {}, Raw("gone"), connection_invalidated=True),
    ],
    ids=str,
)
def test_trouble_that_passes_is_known(error):
    assert db.is_transient(error)


@pytest.mark.parametrize(
    "error", [IntegrityError("x", {}, Raw(state="23505")), OperationalError("x", {}, Raw("no such table: orders")), ValueError()], ids=str
)
def test_a_fault_of_ours_is_none(error):
    assert not db.is_transient(error)


def test_a_failure_is_told_without_anybodys_words(database):
    row = {"code": "t1", "name": "13800138000", "created_at": clock.now()}
    with pytest.raises(IntegrityError) as failed, db.writing() as session:
        for _ in range(2):
            session.connection().execute(insert(Tenant.__table__), row)
    assert "13800138000" not in str(failed.value)
