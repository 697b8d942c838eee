"""The ledger balances, happens once, and cannot be edited."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from core import db
from core.clock import now
from core.ledger.models import Side
from core.ledger.service import EntryDiffers, Overdrawn, balance, history, open_account, post, reverse
from core.tenant import Tenant
from tests.trial import TRIAL


@pytest.fixture
def tenant_id(session: Session) -> int:
    tenant = Tenant(code="x", name="x", created_at=now())
    session.add(tenant)
    session.flush()
    return tenant.id or 0


def _pay(session: Session, tenant_id: int, key: str, amount: int):
    gateway = open_account(session, "till:x", tenant_id=tenant_id, side=Side.DEBIT)
    owed = open_account(session, "creditor:x", tenant_id=tenant_id, side=Side.CREDIT)
    return post(
        session, key, [(gateway.id, amount), (owed.id, -amount)], tenant_id=tenant_id, kind=TRIAL, cause_kind="test", cause_code="T1"
    ), owed


def test_the_same_key_posts_once_and_another_body_is_refused(session, tenant_id):
    first, owed = _pay(session, tenant_id, "capture:1", 500)
    again, _ = _pay(session, tenant_id, "capture:1", 500)
    assert again.id == first.id
    assert balance(session, owed.id) == 500
    with pytest.raises(EntryDiffers):
        _pay(session, tenant_id, "capture:1", 501)


def test_a_reversal_is_the_mirror_and_happens_once(session, tenant_id):
    first, owed = _pay(session, tenant_id, "capture:1", 500)
    reverse(session, first, key="refund:1")
    reverse(session, first, key="refund:1")
    assert balance(session, owed.id) == 0
    assert [p.amount_fen for p, _ in history(session, owed.id)] == [-500, 500]


def test_an_account_is_never_overdrawn(database):
    with pytest.raises(Overdrawn), db.writing() as session:
        tenant = Tenant(code="x", name="x", created_at=now())
        session.add(tenant)
        session.flush()
        _pay(session, tenant.id, "capture:1", 500)
        _pay(session, tenant.id, "payout:1", -501)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE posting SET amount_fen = 1",
        "DELETE FROM posting",
        "UPDATE journal SET memo = 'x'",
        "DELETE FROM journal",
        "INSERT OR REPLACE INTO posting (id, tenant_id, journal_id, account_id, amount_fen) SELECT id, 1, journal_id, account_id, 1 FROM posting",
        "TRUNCATE posting CASCADE",
    ],
)
def test_ledger_rows_cannot_be_changed(database, attack):
    with db.writing() as session:
        tenant = Tenant(code="x", name="x", created_at=now())
        session.add(tenant)
        session.flush()
        _, owed = _pay(session, tenant.id, "capture:1", 500)
    with pytest.raises(DBAPIError), db.writing() as session:
        session.execute(text(attack))
    with db.reading() as session:
        assert [p.amount_fen for p, _ in history(session, owed.id)] == [-500]
