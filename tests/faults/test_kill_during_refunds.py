"""Money given back whose process is killed between any two writes has not moved at all, and done again it moves once."""

import signal
from contextlib import AbstractContextManager

import pytest
from sqlmodel import select

import shop.invariants
from core import db, tasks
from core.audit import AuditEntry
from core.ledger.models import Account, Balance, Journal
from core.outbox import Outbox
from core.settings import settings
from fulfillment.income.models import IncomeEntry
from shop.claims.models import Claim
from shop.payments.models import PaymentAttempt, Refund
from shop.payments.provider import RefundAsk
from shop.payments.providers import provider_named
from shop.refunding.models import RefundRequest
from tests.county import SmallCounty
from tests.faults.apart import Deed, done_apart
from tests.faults.giving import POINTS
from tests.shop.buying import county_with_roads, order_of
from tests.shop.claims.claiming import delivered


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def rows(database: str) -> SmallCounty:
    """A county that sells today."""
    with db.writing() as session:
        return county_with_roads(session)


def giving(deed: str, number: str, code: str = "") -> AbstractContextManager[Deed]:
    return done_apart("tests.faults.giving", deed, number, code)


def kept() -> list[object]:
    """All that a refund writes, as it stands, with every promise held."""
    with db.reading() as session:
        assert [f"{f.invariant.words}: {f.broken}" for f in shop.invariants.check(session) if f.count] == []
        return [
            session.exec(select(RefundRequest.code, RefundRequest.status)).all(), session.exec(select(Claim.code, Claim.status)).all(),
            session.exec(select(Refund.code, Refund.status)).all(), session.exec(select(Journal.key).order_by(Journal.id)).all(),
            session.exec(select(IncomeEntry.key, IncomeEntry.state, IncomeEntry.payable_at).order_by(IncomeEntry.id)).all(),
            session.exec(select(Account.code, Balance.amount_fen).join(Balance).order_by(Account.code)).all(),
            session.exec(select(Outbox.key).order_by(Outbox.id)).all(), session.exec(select(AuditEntry.act).order_by(AuditEntry.id)).all(),
        ]  # fmt: skip


def killed_at_every_point(deed: str, number: str, code: str = "") -> str:
    """Killed at each point nothing has changed; then it is done. Its answer."""
    before = kept()
    with giving(deed, number, code) as step:
        for point in POINTS[deed]:
            assert step(point) == (-signal.SIGKILL, ""), point
            assert kept() == before, point
        done, answer = step("")
        assert done == 0
    kept()
    return answer


def test_a_refund_by_staff_that_is_killed_has_not_happened_and_is_given_once(rows: SmallCounty) -> None:
    number = delivered(rows, ("tomato", 1))
    killed_at_every_point("ask", number)
    with db.reading() as session:
        code, payment = session.exec(select(Refund.code, PaymentAttempt.code).join(PaymentAttempt)).one()
    assert provider_named("sandbox").refund(RefundAsk(code, payment, 500, "CNY")) == "done", "the gateway has given it, we do not know yet"
    assert killed_at_every_point("give", number, code) == "done"
    done = kept()
    with giving("give", number, code) as again:
        assert again("") == (0, "done")
    assert kept() == done, "again changes nothing"
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 500


def test_a_claim_and_its_decision_that_are_killed_have_not_happened_and_pay_once(rows: SmallCounty) -> None:
    number = delivered(rows, ("clam", 1))
    code = killed_at_every_point("claim", number)
    assert killed_at_every_point("decide", number, code) == "approved"
    tasks.drain()
    with db.reading() as session:
        assert session.exec(select(Refund.status)).one() == "done"
    kept()
