"""Money back in parts: per line, again and again, to the fen – in the ledger, in the shares and in what everybody earns."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, func, select

from core import clock, db, tasks
from core.invariants import check
from core.ledger.models import Account, Balance
from core.status import move
from fulfillment.income.causes import cause_of
from fulfillment.income.goods import goods_of
from fulfillment.income.models import INCOME, IncomeEntry, IncomeState
from fulfillment.income.service import mature, start_windows
from fulfillment.settlement.paying import mark_paid
from fulfillment.settlement.service import statements_of
from shop.orders.models import LineShare, Order, OrderLine, PaymentStatus
from shop.payments.giving import Left, NotRefundable, Part, RefundTooMuch, borne_by, give_back, left_of, pro_rata
from shop.payments.models import BEARERS, Refund, RefundShare
from shop.payments.service import cancel_order
from tests.county import SmallCounty
from tests.fulfillment.settlement.owing import exported
from tests.shop.buying import buy, order_of
from tests.shop.earning import sell

ROLES = ("grower", "master", "seller", "platform")


def lines_of(session: Session, number: str) -> list[OrderLine]:
    order = order_of(session, number)
    return list(session.exec(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)))


def back(number: str, *parts: tuple[int, int], key: str, bearer: str = "") -> str:
    """Give back (position of the line, fen) each; returns the refund's code."""
    with db.writing() as session:
        lines = lines_of(session, number)
        wanted = [Part(lines[at].id or 0, fen) for at, fen in parts]
        return give_back(session, order_of(session, number), wanted, key=key, reason="试退", bearer=bearer).code


def holds(session: Session, code: str) -> int:
    """What an account holds, in fen on its own side."""
    found = session.exec(select(Balance.amount_fen).join(Account, Account.id == Balance.account_id).where(Account.code == code)).first()
    return int(found or 0)


def earned(session: Session, party: str) -> int:
    kind, _, code = party.partition(":")
    standing = (IncomeEntry.party_kind == kind, IncomeEntry.party_code == code, IncomeEntry.state != IncomeState.REVERSED)
    return int(session.exec(select(func.coalesce(func.sum(IncomeEntry.amount_fen), 0)).where(*standing)).one())


@given(
    shares=st.tuples(*(st.integers(0, 10**6) for _ in ROLES)).filter(lambda each: sum(each) > 0), freight=st.integers(0, 10**5),
    cuts=st.lists(st.integers(1, 10**6), max_size=12), bearer=st.sampled_from(("", *BEARERS)),
)  # fmt: skip
def test_however_a_line_is_cut_what_is_left_goes_back_exactly_and_no_share_falls_below_zero(shares, freight, cuts, bearer):
    rest = {**dict(zip(ROLES, shares, strict=True)), "transport": freight}
    left, given_back = Left(sum(shares), freight), 0
    for cut in [*cuts, sum(shares) + freight]:
        fen = min(cut, left.fen)
        if not fen:
            break
        parts = pro_rata(fen, left, rest)
        assert sum(parts.values()) == fen
        assert all(0 <= part <= rest[role] for role, part in parts.items())
        bears = borne_by(parts, bearer)
        assert sum(bears.values()) == fen
        assert min(bears.values()) >= 0
        assert {role: fen for role, fen in bears.items() if role == "seller"} == {"seller": parts["seller"]}
        rest = {role: rest[role] - part for role, part in parts.items()}
        goods = min(fen, left.goods_fen)
        left, given_back = Left(left.goods_fen - goods, left.freight_fen - (fen - goods)), given_back + fen
    assert given_back == sum(shares) + freight
    assert set(rest.values()) == {0}


def test_parts_of_a_line_go_back_one_after_the_other_and_end_exactly_at_what_was_paid(county_rows):
    number = sell(county_rows, ("tomato", 3), ("tea", 1))
    with db.reading() as session:
        order, line = order_of(session, number), lines_of(session, number)[0]
        whole, third = left_of(session, [line])[line.id].fen, (line.goods_fen - line.discount_fen) // 3
        others = order.total_fen - whole
    for n in range(3):
        back(number, (0, third), key=f"third {n}")
    back(number, (0, whole - 3 * third), key="rest")
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.refunded_fen, order.payment_status) == (whole, PaymentStatus.PART_REFUNDED)
        assert left_of(session, lines_of(session, number)[:1])[line.id or 0].fen == 0
        share, gone = session.exec(
            select(func.sum(LineShare.amount_fen), func.sum(RefundShare.amount_fen)).where(
                LineShare.line_id == line.id, RefundShare.share_id == LineShare.id
            )
        ).one()
        assert gone == whole
        assert share >= whole
        assert holds(session, "buyer") == 0
    with db.writing() as session, pytest.raises(RefundTooMuch) as refused:
        give_back(session, order_of(session, number), [Part(line.id or 0, 1)], key="one fen more", reason="试退")
    assert refused.value.more == {"left_fen": 0}
    back(number, (1, others), key="the other line")
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.refunded_fen, order.payment_status) == (order.captured_fen, PaymentStatus.REFUNDED)


def test_the_same_refund_asked_twice_is_one(county_rows):
    number = sell(county_rows, ("tomato", 2))
    first, again = (back(number, (0, 500), key="once") for _ in range(2))
    assert first == again
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 500
        assert len(session.exec(select(Refund)).all()) == 1


def test_everybodys_income_and_account_lose_their_part_and_the_row_says_why(county_rows):
    number = sell(county_rows, ("tomato", 2))
    grower = f"grower:{county_rows.stations[0].code}-g1"
    with db.reading() as session:
        before = {party: holds(session, party) for party in (grower, "transport", "platform")}
        line = lines_of(session, number)[0]
        goods = line.goods_fen - line.discount_fen
    back(number, (0, goods // 2), key="half")
    with db.reading() as session:
        assert holds(session, grower) == before[grower] - round(before[grower] / 2)
        assert holds(session, "transport") == before["transport"]  # the freight was carried
        row = session.exec(select(IncomeEntry).where(IncomeEntry.source == "adjustment", IncomeEntry.party_kind == "grower")).one()
        reduced = session.get_one(IncomeEntry, row.reverses_id)
        assert reduced.cause_code == line.code
        assert (row.amount_fen, row.state, row.payable_at) == (-round(before[grower] / 2), "pending", None)
        told = cause_of(session, tenant_id=county_rows.id, kind=row.cause_kind, code=row.cause_code)
        assert told is not None
        assert ("为什么", "试退") in told.facts
        sold = goods_of(session, grower.partition(":")[2], tenant_id=county_rows.id)
        assert sum(each.earned_fen for each in sold) == earned(session, grower) == holds(session, grower)


def test_what_was_taken_back_becomes_payable_in_the_second_in_which_its_income_does(county_rows):
    number = sell(county_rows, ("tomato", 2))
    back(number, (0, 700), key="part")
    with db.writing() as session:
        causes = set(session.exec(select(IncomeEntry.cause_code)))
        start_windows(session, dict.fromkeys(causes, clock.now() + timedelta(hours=24)), tenant_id=county_rows.id)
        mature(session, tenant_id=county_rows.id)
        assert set(session.exec(select(IncomeEntry.state))) == {"pending"}
    with clock.at(clock.now() + timedelta(hours=25)), db.writing() as session:
        mature(session, tenant_id=county_rows.id)
        assert set(session.exec(select(IncomeEntry.state))) == {"payable"}


def test_after_payout_a_refund_is_a_debit_on_the_next_statement(county_rows):
    number = sell(county_rows, ("tomato", 2))
    grower = f"grower:{county_rows.stations[0].code}-g1"
    with db.writing() as session:
        was = _pay_out(session, county_rows, grower)
    back(number, (0, 700), key="late")
    with db.writing() as session:
        mature(session, tenant_id=county_rows.id)
        row = session.exec(select(IncomeEntry).where(IncomeEntry.source == "adjustment", IncomeEntry.party_kind == "grower")).one()
        assert (row.state, row.amount_fen < 0) == ("payable", True)
        assert earned(session, grower) == was + row.amount_fen
        assert holds(session, grower) == 0
        assert holds(session, f"debt:{grower}") == -row.amount_fen  # what they owe, never an account below zero
        taken = row.amount_fen
    sell(county_rows, ("tomato", 4))
    with db.writing() as session:
        again = _pay_out(session, county_rows, grower)
        assert again == 2 * was + taken, "the next statement pays what was sold since, less what went back"
        assert holds(session, grower) == holds(session, f"debt:{grower}") == 0


def _pay_out(session: Session, county: SmallCounty, party: str) -> int:
    """Pay a party all it earned by a settlement run; returns how much that was."""
    kind, _, code = party.partition(":")
    waiting = select(IncomeEntry).where(IncomeEntry.state == "pending", IncomeEntry.party_kind == kind, IncomeEntry.party_code == code)
    for row in session.exec(waiting):
        move(session, IncomeEntry, row.id or 0, "state", INCOME, "pending", "payable", tenant_id=county.id, subject=row.code)
    session.expire_all()
    run = exported(session, county)
    (statement,) = [s for s in statements_of(session, run) if (s.party_kind, s.party_code) == (kind, code)]
    assert mark_paid(session, statement, by="UFINANCE1")
    return statement.payout_fen


def test_a_bearer_makes_good_what_the_others_would_lose(county_rows):
    number = sell(county_rows, ("clam", 2))
    parties = (f"grower:{county_rows.stations[1].code}-g1", f"station:{county_rows.stations[1].code}", "transport", "platform")
    with db.reading() as session:
        before = {party: holds(session, party) for party in parties}
    back(number, (0, 3000), key="transport's fault", bearer="transport")
    with db.reading() as session:
        lost = {party: before[party] - holds(session, party) for party in parties}
    assert lost[parties[0]] == lost[parties[1]] == 0
    assert lost["transport"] + lost["platform"] == 3000
    assert lost["transport"] > 2800


def test_a_bearer_who_holds_less_than_they_bear_owes_the_rest(county_rows):
    number = sell(county_rows, ("clam", 2))
    station = f"station:{county_rows.stations[1].code}"
    with db.reading() as session:
        held = holds(session, station)
    back(number, (0, 6000), key="the station's fault", bearer="master")
    with db.writing() as session:
        assert holds(session, station) == 0
        owed = holds(session, f"debt:{station}")
        assert held < 6000
        assert owed == -earned(session, station) > 0


def test_an_order_some_of_which_went_back_can_still_be_cancelled(county_rows):
    number = sell(county_rows, ("tomato", 2), ("tea", 1))
    back(number, (0, 1234), key="some")
    tasks.drain()
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.status, order.payment_status) == ("cancelled", "refunded")
        assert order.refunded_fen == order.captured_fen
        assert [f.invariant.words for f in check(session) if f.count] == []


def test_nothing_goes_back_of_an_order_nobody_paid(county_rows):
    with db.writing() as session:
        number = buy(session, county_rows, ("tomato", 1)).number
    with pytest.raises(NotRefundable):
        back(number, (0, 1), key="unpaid")


@settings(max_examples=6)
@given(cuts=st.lists(st.tuples(st.integers(0, 1), st.integers(1, 6000), st.sampled_from(("", *BEARERS))), min_size=1, max_size=5))
def test_whatever_is_given_back_in_whatever_order_all_invariants_hold(county_rows, cuts):
    number = sell(county_rows, ("tomato", 1), ("tea", 1))
    for n, (at, fen, bearer) in enumerate(cuts):
        try:
            back(number, (at, fen), key=f"{number} {n}", bearer=bearer)
        except RefundTooMuch as refused:
            if refused.more["left_fen"]:
                back(number, (at, refused.more["left_fen"]), key=f"{number} {n} rest", bearer=bearer)
    tasks.drain()
    with db.reading() as session:
        order = session.exec(select(Order).where(Order.number == number)).one()
        assert order.refunded_fen == sum(session.exec(select(Refund.amount_fen).where(Refund.order_id == order.id)))
        assert [(f.invariant.words, f.broken) for f in check(session) if f.count] == []
