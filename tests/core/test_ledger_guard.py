"""Ledger rows cannot be changed, whichever way it is tried; what the owner of a database changes behind its guards is noticed.

On PostgreSQL a role that only uses the tables cannot take the guards away. On SQLite whoever writes the file can, and the check says so.
"""

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from core import db
from core.checks import append_only_is_guarded
from core.clock import now
from core.invariants import check
from core.ledger import balance, history, open_account, post
from core.ledger.models import Account, Journal, Posting, Side
from core.settings import settings
from core.tenant import Tenant
from tests.servers import postgres
from tests.trial import TRIAL


@pytest.fixture
def kept(database: str) -> tuple[int, int]:
    """An account with one entry of five yuan: its id and the entry's."""
    with db.writing() as session:
        tenant = Tenant(code="x", name="x", created_at=now())
        session.add(tenant)
        session.flush()
        till = open_account(session, "till:x", tenant_id=tenant.id or 0, side=Side.DEBIT)
        owed = open_account(session, "creditor:x", tenant_id=tenant.id or 0, side=Side.CREDIT)
        entry = post(
            session, "k1", [(till.id or 0, 500), (owed.id or 0, -500)], tenant_id=tenant.id or 0, kind=TRIAL, cause_kind="test",
            cause_code="T1",
        )  # fmt: skip
        return owed.id or 0, entry.id or 0


def stands(account_id: int) -> None:
    with db.reading() as session:
        assert [(p.amount_fen, j.key, j.memo) for p, j in history(session, account_id)] == [(-500, "k1", "")]
        assert balance(session, account_id) == 500
        assert append_only_is_guarded(session) == []


ROW = "id, tenant_id, journal_id, account_id, amount_fen"
BOTH = {
    "update": "UPDATE posting SET amount_fen = 1",
    "update of the entry": "UPDATE journal SET memo = 'x'",
    "update in place of itself": "UPDATE posting SET amount_fen = amount_fen",
    "delete": "DELETE FROM posting",
    "delete of the entry": "DELETE FROM journal",
    "upsert by id": f"INSERT INTO posting ({ROW}) SELECT {ROW} FROM posting WHERE true ON CONFLICT (id) DO UPDATE SET amount_fen = 1",
    "upsert by key": "INSERT INTO journal (tenant_id, key, kind, currency, cause_kind, cause_code, memo, business_date, posted_at)"
    " SELECT tenant_id, key, kind, currency, cause_kind, cause_code, '', business_date, posted_at FROM journal WHERE true"
    " ON CONFLICT (tenant_id, key) DO UPDATE SET memo = 'x'",
    "an account taken away under it": "DELETE FROM account",
}
ONLY = {
    "sqlite": {
        "replace": f"INSERT OR REPLACE INTO posting ({ROW}) SELECT id, tenant_id, journal_id, account_id, 1 FROM posting",
        "replace of the entry": "REPLACE INTO journal SELECT * FROM journal",
        "update or replace": "UPDATE OR REPLACE posting SET amount_fen = 1",
        "update of what a CTE found": "WITH found AS (SELECT id FROM posting) UPDATE posting SET amount_fen = 1 WHERE id IN (SELECT id FROM found)",
        "delete of what a CTE found": "WITH found AS (SELECT id FROM posting) DELETE FROM posting WHERE id IN (SELECT id FROM found)",
        "writing the schema itself": "UPDATE sqlite_master SET sql = '' WHERE name = 'posting_no_update'",
    },
    "postgresql": {
        "truncate": "TRUNCATE posting CASCADE",
        "truncate of the entry": "TRUNCATE journal CASCADE",
        "truncate of what both refer to": "TRUNCATE account CASCADE",
        "update in a CTE": "WITH changed AS (UPDATE posting SET amount_fen = 1 RETURNING id) SELECT * FROM changed",
        "delete in a CTE": "WITH gone AS (DELETE FROM posting RETURNING *) SELECT * FROM gone",
        "merge": "MERGE INTO posting p USING (SELECT 1 AS one) s ON p.amount_fen = -500 WHEN MATCHED THEN UPDATE SET amount_fen = 1",
        "update of another's rows": "UPDATE posting SET amount_fen = 1 FROM journal WHERE journal.id = posting.journal_id",
    },
}


@pytest.mark.parametrize("way", list(BOTH))
def test_statements_that_change_a_row_are_refused(database, kept, way):
    _refused(database, BOTH[way])
    stands(kept[0])


def test_statements_of_this_database_alone_that_change_a_row_are_refused(database, kept):
    for attack in ONLY[database].values():
        _refused(database, attack)
    stands(kept[0])


def _refused(database: str, attack: str) -> None:
    with pytest.raises(DBAPIError) as refused, db.writing() as session:
        session.execute(text(attack))
    words = str(refused.value.orig)
    assert any(why in words for why in ("append-only", "FOREIGN KEY", "foreign key", "may not be modified")), (attack, words)


def test_the_orm_changes_and_deletes_no_row(database, kept):
    def changes(session: Session) -> None:
        session.get_one(Posting, 1).amount_fen = 1

    def deletes(session: Session) -> None:
        session.delete(session.get_one(Journal, kept[1]))

    def merges(session: Session) -> None:
        session.merge(Posting(id=1, tenant_id=1, journal_id=kept[1], account_id=kept[0], amount_fen=1))

    def takes_the_account(session: Session) -> None:
        session.delete(session.get_one(Account, kept[0]))

    for way in (changes, deletes, merges, takes_the_account):
        with pytest.raises(DBAPIError), db.writing() as session:
            way(session)
    stands(kept[0])


def test_a_role_that_only_uses_the_tables_cannot_take_the_guards_away(database, kept):
    """On PostgreSQL, as docs/production.md sets it up; a SQLite file has no roles, so there the check is what stands between."""
    if database == "sqlite":
        with pytest.raises(DBAPIError), db.writing() as session:
            session.execute(text("PRAGMA writable_schema = ON"))
            session.execute(text("UPDATE sqlite_master SET sql = '' WHERE type = 'trigger'"))
            session.execute(text("UPDATE posting SET amount_fen = 1"))
        stands(kept[0])
        return
    role = f"shop_{uuid.uuid4().hex[:10]}"
    with db.writing() as session:
        session.execute(text(f"CREATE ROLE {role} LOGIN"))
        session.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"))
        session.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"))
    own = settings.url.replace("postgres@", f"{role}@")
    engine = db.make_engine(own, writes=True)
    try:
        with engine.begin() as connection:
            assert connection.execute(text("SELECT current_user")).scalar() == role
            assert connection.execute(text("SELECT count(*) FROM posting")).scalar() == 2
        for attack in (
            "DROP TRIGGER posting_append_only ON posting", "ALTER TABLE posting DISABLE TRIGGER ALL",
            "ALTER TABLE posting DISABLE TRIGGER posting_append_only", "DROP TABLE posting CASCADE", "ALTER TABLE posting RENAME TO x",
            "SET session_replication_role = replica", "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NEW; END $$", "DROP FUNCTION refuse_change() CASCADE", "TRUNCATE posting",
            "ALTER TABLE posting ADD COLUMN x int", "UPDATE posting SET amount_fen = 1", "DELETE FROM journal",
        ):  # fmt: skip
            with pytest.raises(DBAPIError), engine.begin() as connection:
                connection.execute(text(attack))
    finally:
        engine.dispose()
        with db.writing() as session:
            session.execute(text(f"DROP OWNED BY {role}"))
        postgres.admin(f"DROP ROLE {role}")
    stands(kept[0])


GUARDS = {
    "sqlite": ["DROP TRIGGER posting_no_update", "DROP TRIGGER journal_no_delete", "DROP TRIGGER posting_no_replace"],
    "postgresql": [
        "DROP TRIGGER posting_append_only ON posting", "ALTER TABLE journal DISABLE TRIGGER ALL", "ALTER TABLE posting DISABLE TRIGGER USER",
        "ALTER TABLE posting ENABLE REPLICA TRIGGER posting_append_only",
    ],
}  # fmt: skip
DEEDS = {
    "a fen more in one line": "UPDATE posting SET amount_fen = amount_fen + 1 WHERE amount_fen > 0",
    "both lines and no balance": "UPDATE posting SET amount_fen = 2 * amount_fen",
    "a running balance": "UPDATE balance SET amount_fen = amount_fen + 1",
    "an entry gone, its lines left": "DELETE FROM posting WHERE journal_id = (SELECT max(id) FROM journal)",
    "an entry of another kind": "UPDATE journal SET kind = 'gift'",
    "an entry on another day": "UPDATE journal SET business_date = '2020-01-01'",
    "an entry said to reverse nothing": "UPDATE journal SET kind = 'reverse_trial'",
}


def test_a_guard_that_its_owner_took_away_is_noticed(database, kept):
    for deed in GUARDS[database]:
        with db.new_session(writes=True) as session:
            session.execute(text(deed))
            assert append_only_is_guarded(session), deed
            session.rollback()


def test_what_an_owner_changes_behind_the_guards_is_noticed(database, kept):
    off = ["DROP TRIGGER posting_no_update", "DROP TRIGGER posting_no_delete", "DROP TRIGGER journal_no_update"]
    for what, deed in DEEDS.items():
        with db.new_session(writes=True) as session:
            for each in off if database == "sqlite" else ["SET LOCAL session_replication_role = replica"]:
                session.execute(text(each))
            session.execute(text(deed))
            tables = ("journal", "posting", "balance", "account")
            assert [f.invariant.words for f in check(session, touched=tables) if f.count], what
            session.rollback()
    stands(kept[0])
