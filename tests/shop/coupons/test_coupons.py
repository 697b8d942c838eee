"""A coupon takes its fen off a basket for who may use it; who grew, sold and carried the goods earns as without it."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core import clock, db, tasks
from core.errors import JishiError, Refused
from core.ledger.models import Account, Balance
from core.status import StatusMoved
from fulfillment.income.models import IncomeEntry
from shop.checkout.address import Contact
from shop.checkout.service import Item, quote
from shop.coupons import service
from shop.coupons.models import Coupon, CouponUse
from shop.coupons.service import CouponUnusable, OwnDraft
from shop.orders.models import LineShare, OrderLine
from shop.payments.giving import Part, give_back, left_of
from shop.payments.models import RefundLine
from shop.payments.provider import Verdict
from shop.payments.sandbox import choose
from shop.payments.service import cancel_order, expire_due, settle, start_payment
from tests.shop.buying import SHANGHAI, buy, order_of, pay
from tests.shop.coupons.giving import coupon


def held(session: Session) -> dict[str, int]:
    rows = session.exec(select(Account.code, Balance.amount_fen).join(Balance, Balance.account_id == Account.id))
    return {code: fen for code, fen in rows if fen}


def used(session: Session) -> int:
    return session.exec(select(Coupon.used).execution_options(populate_existing=True)).one()


def bought(county, *wanted, promo="xiaoman 10", phone="13912345678") -> str:
    with db.writing() as session:
        return buy(session, county, *wanted, coupon=promo, contact=Contact(name="赵立春", phone=phone)).number


def paid(county, *wanted) -> str:
    number = bought(county, *wanted)
    with db.writing() as session:
        pay(session, number)
    tasks.drain()
    return number


def charged(session: Session, code: str, number: str) -> str:
    """The gateway has the money after all; what that did."""
    order = order_of(session, number)
    choose(session, code, "paid", tenant_id=order.tenant_id, amount_fen=order.total_fen)
    return settle(session, code, Verdict("captured", order.total_fen), by="test")


@pytest.fixture
def offered(county_rows):
    with db.writing() as session:
        coupon(session, county_rows)
    return county_rows


def test_it_comes_off_the_goods_and_everybodys_share_stays_whole(session, county):
    coupon(session, county)
    plain = buy(session, county, ("tomato", 2), ("clam", 1))
    placed = buy(session, county, ("tomato", 2), ("clam", 1), coupon="ｘｉａｏｍａｎ10 ")
    assert placed.total_fen == plain.total_fen - 1000
    lines = session.exec(select(OrderLine).where(OrderLine.order_id == placed.id).order_by(OrderLine.position)).all()
    assert sum(line.discount_fen for line in lines) == 1000 and all(0 < line.discount_fen < line.goods_fen for line in lines)

    def shares(order_id: int) -> list[tuple[str, int]]:
        rows = session.exec(select(LineShare.role, LineShare.amount_fen).join(OrderLine).where(OrderLine.order_id == order_id))
        return sorted(rows)

    assert shares(placed.id) == shares(plain.id)


def test_the_county_gives_it_and_has_it_back_when_the_order_is_cancelled(offered):
    number = paid(offered, ("tomato", 2), ("clam", 1))
    with db.reading() as session:
        order = order_of(session, number)
        books = held(session)
        assert (order.payment_status, order.discount_fen, books["coupons"]) == ("paid", 1000, 1000)
        assert books["gateway:sandbox"] == order.total_fen
        assert sum(e.amount_fen for e in session.exec(select(IncomeEntry))) == order.total_fen + 1000
    with db.writing() as session:
        cancel_order(session, order_of(session, number), by="buyer")
    tasks.drain()
    with db.reading() as session:
        assert held(session) == {}
        assert used(session) == 0


def test_of_the_gift_goes_back_as_large_a_part_as_of_what_was_paid_and_all_of_it_in_the_end(offered):
    number = paid(offered, ("tomato", 2), ("clam", 1))
    with db.reading() as session:
        line = session.exec(select(OrderLine).where(OrderLine.order_id == order_of(session, number).id)).first()
    for n, part in enumerate((1000, 1, 2333, None)):
        with db.writing() as session:
            rest = left_of(session, [line])[line.id].fen
            give_back(session, order_of(session, number), [Part(line.id, part or rest)], key=f"r{n}", reason="坏了")
        tasks.drain()
        with db.reading() as session:
            gift = [g.coupon_fen for g in session.exec(select(RefundLine).order_by(RefundLine.id))]
            assert held(session)["coupons"] == 1000 - sum(gift)
            if n == 0:
                assert gift == [1000 * line.discount_fen // (line.goods_fen - line.discount_fen)]
    assert sum(gift) == line.discount_fen
    with db.reading() as session:
        left = {code: fen for code, fen in held(session).items() if code == f"grower:{offered.growers[1].code}"}
        assert left == {}, "all of the line went back: its grower earns nothing by it"


def test_an_order_that_ends_unpaid_gives_its_use_back_and_late_money_takes_it_again(offered):
    number = bought(offered, ("tomato", 1))
    with db.writing() as session:
        code = start_payment(session, order_of(session, number), provider="sandbox", method="page").code
        assert used(session) == 1
    with clock.at(clock.now() + timedelta(minutes=16)):
        db.run_write(expire_due)
        with db.writing() as session:
            assert used(session) == 0
            assert charged(session, code, number) == "captured"
            assert used(session) == 1


def test_late_money_goes_back_when_others_used_the_coupon_up_meanwhile(county_rows):
    with db.writing() as session:
        coupon(session, county_rows, uses=1)
    number = bought(county_rows, ("tomato", 1))
    with db.writing() as session:
        code = start_payment(session, order_of(session, number), provider="sandbox", method="page").code
    with clock.at(clock.now() + timedelta(minutes=16)):
        db.run_write(expire_due)
        other = bought(county_rows, ("tomato", 1), phone="13900000001")
        with db.writing() as session:
            assert charged(session, code, number) == "late"
            assert order_of(session, number).status == "cancelled"
            assert (
                session.exec(select(CouponUse.released_at).join(Coupon).where(CouponUse.order_id == order_of(session, other).id)).one()
                is None
            )
    with db.reading() as session:
        assert used(session) == 1


@pytest.mark.parametrize(
    ("terms", "wanted", "words"),
    [
        ({}, ("tea", 0), "没有这张券"),
        ({"min_goods_fen": 3601}, ("tomato", 1), "满 36.01 元"),
        ({"starts_at": clock.now() + timedelta(days=1)}, ("tomato", 1), "起能用"),
        ({"starts_at": clock.now() - timedelta(days=9), "ends_at": clock.now() - timedelta(days=1)}, ("tomato", 1), "过期"),
    ],
)
def test_a_coupon_that_does_not_count_says_why(session, county, terms, wanted, words):
    coupon(session, county, **terms)
    name, units = wanted
    item, promo = (Item(county.variants[name].sku, units or 1), "XIAOMAN10" if units else "NOSUCH99")
    with pytest.raises(CouponUnusable, match=words):
        quote(session, county.county, [item], SHANGHAI, coupon=promo)


def test_each_person_uses_it_as_often_as_it_says_by_phone_or_account(offered):
    bought(offered, ("tomato", 1))
    with pytest.raises(CouponUnusable, match="每人只能用 1 次"):
        bought(offered, ("tea", 1))
    bought(offered, ("tea", 1), phone="13900000001")
    with db.reading() as session:
        assert used(session) == 2


def test_a_draft_counts_for_nobody_and_its_maker_cannot_open_it(session, county):
    terms = {"title": "试", "off_fen": 100, "min_goods_fen": 1000, "uses": 5, "per_person": 1, "is_listed": True, "by": "UONE"}
    made = service.draft(
        session, tenant_id=county.id, promo="DRAFT1", starts_at=clock.now(), ends_at=clock.now() + timedelta(days=1), **terms
    )
    with pytest.raises(CouponUnusable, match="没有这张券"):
        service.offered(session, "DRAFT1", 5000, tenant_id=county.id)
    with pytest.raises(OwnDraft):
        service.open_it(session, made, by="UONE")
    service.open_it(session, made, by="UTWO")
    assert service.offered(session, "draft-1", 5000, tenant_id=county.id).off_fen == 100
    service.end(session, made, by="UONE")
    with pytest.raises(StatusMoved):
        service.open_it(session, made, by="UTWO")
    with pytest.raises(CouponUnusable, match="过期"):
        service.offered(session, "DRAFT1", 5000, tenant_id=county.id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"promo": "ABC"}, {"promo": "小满十块"}, {"promo": "A" * 21}, {"title": " "}, {"title": "长" * 31}, {"off_fen": 0}, {"off_fen": -100},
        {"off_fen": 1501}, {"min_goods_fen": 999, "off_fen": 1}, {"min_goods_fen": 10**12}, {"uses": 0}, {"uses": 10**9}, {"per_person": 0},
        {"per_person": 101},
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused(session, county, wrong):
    with pytest.raises(Refused):
        coupon(session, county, **wrong)
    assert session.exec(select(Coupon)).all() == []


def test_a_promo_code_is_taken_once(session, county):
    coupon(session, county)
    with pytest.raises(JishiError, match="用过了"):
        coupon(session, county, "xiaoman10")
