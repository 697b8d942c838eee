"""A sharing whose process is killed anywhere – settled, asked, given and not heard of, half booked – gives every part once and books it once."""

import signal
from contextlib import AbstractContextManager

import pytest
from sqlmodel import col, select

import shop.invariants
from core import db
from core.audit import AuditEntry
from core.ledger.models import Account, Balance, Journal
from core.settings import settings
from fulfillment.settlement.models import SettlementRun, Statement
from shop.sharing.models import SharePart, ShareRequest
from tests.county import SmallCounty
from tests.faults.apart import Deed, done_apart
from tests.faults.sharing import POINTS
from tests.gateways.alipay import FakeAlipay
from tests.shop.buying import county_with_roads
from tests.shop.payments.conftest import _demo, alipay
from tests.shop.sharing.sharing import approved, held, paid_by_alipay, share, shares_out, sold, statement_of

__all__ = ["_demo", "alipay"]


def sharing(deed: str, code: str) -> AbstractContextManager[Deed]:
    """Knows the test's gateway."""
    keys = {f"JISHI_ALIPAY_{name.upper()}": str(getattr(settings, f"alipay_{name}")) for name in KEYS}
    return done_apart("tests.faults.sharing", deed, code, **keys)


KEYS = ("app_id", "seller_id", "gateway", "private_key", "public_key")


def kept() -> list[object]:
    """All that a sharing writes, as it stands, with every promise held."""
    with db.reading() as session:
        assert [f"{f.invariant.words}: {f.broken}" for f in shop.invariants.check(session) if f.count] == []
        return [
            session.exec(select(SettlementRun.sharing_left, SettlementRun.shared_at)).all(),
            session.exec(select(ShareRequest.code, ShareRequest.status).order_by(col(ShareRequest.id))).all(),
            session.exec(select(SharePart.code, SharePart.left_out).order_by(col(SharePart.id))).all(),
            session.exec(select(Statement.code, Statement.shared_fen).order_by(col(Statement.id))).all(),
            session.exec(select(Journal.key).order_by(col(Journal.id))).all(),
            session.exec(select(Account.code, Balance.amount_fen).join(Balance).order_by(Account.code)).all(),
            session.exec(select(AuditEntry.act).order_by(col(AuditEntry.id))).all(),
        ]  # fmt: skip


@pytest.fixture
def ready(database: str, alipay: FakeAlipay) -> tuple[SmallCounty, str, str, int]:
    """A county that shares out, an approved run, the payment that it may share and its total."""
    with db.writing() as session:
        rows = county_with_roads(session)
    shares_out(rows)
    _number, payment, total = sold(rows, alipay)
    paid_by_alipay(rows)
    return rows, approved(rows), payment, total


def test_a_sharing_that_is_killed_before_it_is_written_has_not_begun(ready: tuple[SmallCounty, str, str, int]) -> None:
    _rows, run, _payment, _total = ready
    before = kept()
    with sharing("settle", run) as settle:
        for point in POINTS["settle"]:
            assert settle(point) == (-signal.SIGKILL, ""), point
            assert kept() == before, point
        assert settle("") == (0, "planned")
        done = kept()
        assert settle("") == (0, "planned")
        assert kept() == done, "again changes nothing"


def test_killed_while_it_asks_every_part_is_given_once_and_booked_once(
    ready: tuple[SmallCounty, str, str, int], alipay: FakeAlipay
) -> None:
    rows, run, payment, total = ready
    share(rows, run)
    trade, limit = alipay.trades[payment], total * 3 // 10
    with sharing("ask", run) as ask:
        for point in POINTS["ask"]:
            assert ask(point) == (-signal.SIGKILL, ""), point
            kept()
            assert statement_of(rows, run).shared_fen == 0, "nothing is booked before its answer is"
            given = [sum(parts.values()) for parts in trade.shared.values()]
            assert given == ([] if point == "share.asked" else [limit]), point
        assert ask("") == (0, "shared")
        done = kept()
        assert ask("") == (0, "shared")
        assert kept() == done, "again changes nothing"
    assert [sum(parts.values()) for parts in trade.shared.values()] == [limit], "asked five times, given once"
    assert held("sharing", "gateway:alipay") == {"sharing": limit, "gateway:alipay": total - limit}


def test_an_end_that_is_killed_ends_nothing(ready: tuple[SmallCounty, str, str, int]) -> None:
    rows, run, _payment, _total = ready
    share(rows, run)
    before = kept()
    with sharing("end", run) as end:
        for point in POINTS["end"]:
            assert end(point) == (-signal.SIGKILL, ""), point
            assert kept() == before, point
        assert end("") == (0, "refused")
        kept()
        assert end("") == (0, "refused")
