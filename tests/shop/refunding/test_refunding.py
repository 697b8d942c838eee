"""What staff give back without a claim: alone up to a limit, above it with a second person, and never twice without looking."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db, tasks
from core.audit import AuditEntry
from core.auth.service import add_user
from core.errors import JishiError, Refused
from core.invariants import check
from core.outbox import Outbox
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from shop.claims.service import LineUnknown
from shop.orders.access import OrderUnknown
from shop.orders.models import OrderLine
from shop.payments.giving import NotRefundable, RefundTooMuch, left_of
from shop.payments.models import Refund, RefundLine
from shop.refunding.models import RefundRequest
from shop.refunding.service import (
    LineBusy,
    OwnRefund,
    RefundMoved,
    RequestDecided,
    RequestUnknown,
    SecondPersonNeeded,
    Wanted,
    ask_refund,
    decide_refund,
)
from tests.shop.buying import buy, order_of
from tests.shop.claims.claiming import claim, colleague, delivered, line_code
from tests.shop.earning import actor, sell


def ask(county, number, fen=None, *, by, left=None, at=0, quantity=0, bearer="master", reason="少了两个") -> RefundRequest:
    with db.writing() as session:
        code = line_code(session, number, at)
        left = _left(session, code) if left is None else left
        own = [station.node_id for station in county.stations if station.code in by.scopes("master")]
        made = ask_refund(session, by, number, Wanted(code, left, reason, quantity, fen, bearer), stations=own)
        session.flush()
        session.expunge(made)
        return made


def _left(session, code: str) -> int:
    line = session.exec(select(OrderLine).where(OrderLine.code == code)).one()
    return left_of(session, [line])[line.id].fen


def test_a_master_gives_back_alone_what_the_station_bears_up_to_fifty_yuan_of_an_order(county_rows):
    number, master = sell(county_rows, ("tomato", 3)), actor(county_rows, "master", county_rows.stations[0].code)
    assert ask(county_rows, number, 3000, by=master).status == "given"
    assert ask(county_rows, number, 2000, by=master).status == "given"
    over = ask(county_rows, number, 1, by=master)
    assert (over.status, over.refund_id) == ("waiting", None)
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 5000
        assert set(session.exec(select(RefundLine.bearer))) == {"master"}
        told = session.exec(select(Outbox.key).where(Outbox.topic == "message.send")).all()
        assert sum(key.startswith("refund:RQ") for key in told) == 2
        acts = session.exec(select(AuditEntry.act).where(AuditEntry.act.startswith("refund_request."))).all()
        assert sorted(acts) == ["refund_request.given", "refund_request.given", "refund_request.waiting"]
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []


def test_a_master_gives_nothing_alone_that_others_bear(county_rows):
    number, master = sell(county_rows, ("tomato", 1)), actor(county_rows, "master", county_rows.stations[0].code)
    assert ask(county_rows, number, 100, by=master, bearer="grower").status == "waiting"
    with pytest.raises(LineBusy):
        ask(county_rows, number, 100, by=master)


def test_a_master_sees_and_refunds_only_lines_of_the_own_station(county_rows):
    number, other = sell(county_rows, ("tomato", 1)), actor(county_rows, "master", county_rows.stations[1].code)
    with pytest.raises(OrderUnknown):
        ask(county_rows, number, 100, by=other)
    mixed, own = sell(county_rows, ("tomato", 1), ("clam", 1)), actor(county_rows, "master", county_rows.stations[0].code)
    with pytest.raises(LineUnknown):
        ask(county_rows, mixed, 100, by=own, at=1)
    assert ask(county_rows, mixed, 100, by=own, at=0).status == "given"


def test_above_the_countys_limit_finance_says_yes_and_nobody_says_it_to_themselves(county_rows):
    number = sell(county_rows, ("clam", 8))
    finance, second = colleague(county_rows, "finance", "U8"), colleague(county_rows, "admin", "U900")
    asked = ask(county_rows, number, by=finance, bearer="platform")
    assert asked.amount_fen > 50_000
    assert asked.status == "waiting"
    for who in (finance, colleague(county_rows, "dispatcher", "U7")):
        with pytest.raises(SecondPersonNeeded), db.writing() as session:
            decide_refund(session, who, asked.code, approves=True)
    with db.writing() as session:
        assert decide_refund(session, second, asked.code, approves=True).status == "given"
    with pytest.raises(RequestDecided), db.writing() as session:
        decide_refund(session, second, asked.code, approves=False, note="晚了")
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).payment_status == "refunded"
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []


def test_a_second_persons_no_needs_a_reason_and_moves_no_money(county_rows):
    number, master = sell(county_rows, ("tomato", 1)), actor(county_rows, "master", county_rows.stations[0].code)
    asked = ask(county_rows, number, 100, by=master, bearer="transport")
    office = colleague(county_rows, "dispatcher", "U7")
    with pytest.raises(Refused), db.writing() as session:
        decide_refund(session, office, asked.code, approves=False)
    with db.writing() as session:
        assert decide_refund(session, office, asked.code, approves=False, note="不是路上的事").status == "refused"
    with pytest.raises(RequestUnknown), db.writing() as session:
        decide_refund(session, office, "RQX", approves=True)
    with db.reading() as session:
        assert session.exec(select(Refund)).all() == []
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []


def test_whole_units_are_worth_their_part_and_all_is_what_is_left(county_rows):
    number, office = sell(county_rows, ("tomato", 3)), colleague(county_rows, "finance", "U8")
    with db.reading() as session:
        line = session.exec(select(OrderLine).where(OrderLine.code == line_code(session, number))).one()
    assert ask(county_rows, number, by=office, quantity=1).amount_fen == line.goods_fen // 3
    rest = ask(county_rows, number, by=office)
    assert rest.amount_fen == line.goods_fen + line.freight_fen - line.goods_fen // 3
    with pytest.raises(RefundTooMuch) as wrong:
        ask(county_rows, number, 1, by=office)
    assert wrong.value.more["left_fen"] == 0


def test_who_looked_at_an_older_figure_is_refused_with_the_one_that_holds(county_rows):
    number, office = sell(county_rows, ("tomato", 2)), colleague(county_rows, "finance", "U8")
    with db.reading() as session:
        before = _left(session, line_code(session, number))
    ask(county_rows, number, 1000, by=office)
    with pytest.raises(RefundMoved) as wrong:
        ask(county_rows, number, 1000, by=office, left=before)
    assert wrong.value.more["left_fen"] == before - 1000


def test_two_colleagues_refund_the_same_line_at_once_and_one_is_refused_with_the_current_figure(county_rows):
    number = sell(county_rows, ("tomato", 2))
    with db.reading() as session:
        code = line_code(session, number)
        before = _left(session, code)
    ready, answers = threading.Barrier(2), []

    def go(name: str) -> None:
        wanted = Wanted(code, before, "发错了", 0, 1500, "master")
        ready.wait()
        try:
            work = lambda session: ask_refund(session, colleague(county_rows, "finance", name), number, wanted, stations=()).amount_fen  # noqa: E731
            answers.append(db.run_write(work))
        except JishiError as wrong:
            answers.append((wrong.code, wrong.more["left_fen"]))

    threads = [threading.Thread(target=go, args=(name,)) for name in ("U8", "U88")]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(answers, key=str) == [("refund_moved", before - 1500), 1500]
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 1500
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []


def test_the_own_order_an_unpaid_one_and_a_claimed_line_are_left_to_others(county_rows):
    number, office = delivered(county_rows, ("clam", 1)), colleague(county_rows, "finance", "U8")
    claim(number)
    with pytest.raises(LineBusy):
        ask(county_rows, number, 100, by=office)
    with db.writing() as session:
        unpaid = buy(session, county_rows, ("tea", 1)).number
    with pytest.raises(NotRefundable):
        ask(county_rows, unpaid, 100, by=office)
    mine = sell(county_rows, ("tomato", 1))
    with db.writing() as session:
        user = add_user(session, "13600000077", "财务")
        order_of(session, mine).user_id = user.id
        buyer = colleague(county_rows, "finance", user.code, user=user)
    with pytest.raises(OwnRefund):
        ask(county_rows, mine, 100, by=buyer)


def test_after_payout_what_is_given_back_is_a_debit_of_the_one_who_bears_it(county_rows):
    number = delivered(county_rows, ("tomato", 1))
    with clock.at(clock.now() + timedelta(days=30)):
        with db.writing() as session:
            mature(session, tenant_id=county_rows.id)
        ask(county_rows, number, 300, by=colleague(county_rows, "finance", "U8"), bearer="grower")
        with db.reading() as session:
            rows = session.exec(select(IncomeEntry).where(IncomeEntry.source == "adjustment")).all()
            assert {row.state for row in rows} == {"payable"}
            assert sum(row.amount_fen for row in rows) == -300
            assert min(rows, key=lambda row: row.amount_fen).party_kind == "grower"
