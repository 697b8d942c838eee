"""Housekeeping that later questions rely on."""

from sqlmodel import Session

from core import db, upkeep
from core.settings import settings

LIST = "SELECT * FROM account WHERE tenant_id = 1 AND side = 'credit' AND code IN (%s)"
CODES = ", ".join(f"'c{n}'" for n in range(24))


def add_accounts(first: int, last: int) -> None:
    with db.writing() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO account (tenant_id, code, name, side, may_be_negative, opened_at)"
            f" WITH RECURSIVE n(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM n WHERE n < {last})"
            " SELECT 1, 'c' || n, '', 'credit', false, '2026-05-20 01:00:00.000000' FROM n"
        )  # fmt: skip


def plan(session: Session, when: str) -> str:
    """How SQLite reads a list of codes now; a statement it has not seen is planned anew, once a question showed it what others changed."""
    session.rollback()
    connection = session.connection()
    connection.exec_driver_sql("SELECT count(*) FROM account").all()
    return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {LIST % CODES} -- {when}").first()[3])  # type: ignore[index]


def test_statistics_follow_the_tables_and_connections_opened_before_read_them(database: str) -> None:
    if not settings.is_sqlite:
        add_accounts(1, 3_000)
        upkeep.gather_statistics()
        with db.reading() as session:
            counted = session.connection().exec_driver_sql("SELECT reltuples FROM pg_class WHERE relname = 'account'").scalar_one()
        assert counted == 3_000
        return
    with db.writing() as session:
        session.connection().exec_driver_sql("CREATE INDEX ix_account_side ON account (side)")
    add_accounts(1, 8)
    with db.reading() as before:
        upkeep.gather_statistics()
        assert "SCAN" in plan(before, "few")  # of eight rows
        add_accounts(9, 3_000)
        upkeep.gather_statistics()
        assert "(tenant_id=? AND code=?)" in plan(before, "many")
