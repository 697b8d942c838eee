"""Placing an order holds the stock, freezes every amount, and happens wholly or not at all."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db, pii
from core.permissions import Actor
from core.status import StatusEvent
from shop.checkout.service import Item, TotalChanged, place_order
from shop.orders.access import OrderUnknown, order_for
from shop.orders.models import LineShare, Order, OrderLine, OrderPromise
from supply.growers.models import Agreement, AgreementKind
from supply.stock.models import StockLevel
from supply.stock.service import SoldOut
from tests.shop.buying import SHANGHAI, ZHAO, buy
from tests.shop.selling import make_link, make_user


def test_an_order_keeps_what_was_said_and_holds_what_was_bought(session, county):
    placed = buy(session, county, ("tomato", 2), ("clam", 1))
    order = session.exec(select(Order).where(Order.number == placed.number)).one()
    assert (order.status, order.payment_status, order.fulfillment_status) == ("open", "unpaid", "none")
    assert order.total_fen == placed.total_fen == 2 * 3600 + 6900 + order.freight_fen
    assert order.pay_by - order.placed_at == timedelta(minutes=15)
    lines = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).all()
    assert {(line.name, line.quantity, line.tier) for line in lines} == {("高山西红柿", 2, "ambient"), ("长街蛏子", 1, "chilled")}
    assert sum(line.freight_fen for line in lines) == order.freight_fen
    level = session.get(StockLevel, county.level(session, "tomato"))
    session.refresh(level)
    assert (level.on_hand, level.reserved) == (50, 2)
    promises = session.exec(select(OrderPromise).where(OrderPromise.order_id == order.id)).all()
    assert {(p.tier, p.deliver_by) for p in promises} == {(leg.tier, leg.promise.deliver_by) for leg in placed.quote.legs}
    history = session.exec(select(StatusEvent.kind, StatusEvent.target).where(StatusEvent.subject == order.number)).all()
    assert set(history) == {("order.status", "open"), ("order.payment", "unpaid"), ("order.fulfillment", "none")}


def test_who_it_is_for_is_sealed(session, county):
    placed = buy(session, county, ("tomato", 1))
    order = session.exec(select(Order).where(Order.number == placed.number)).one()
    stored = " ".join(str(v) for v in order.model_dump().values())
    for secret in ("赵立春", "13912345678", "天平路", placed.token):
        assert secret not in stored
    assert pii.unseal(order.phone_sealed, f"orders.phone:{order.number}") == "13912345678"


def test_the_shares_of_every_line_add_up_to_the_fen_and_say_why(session, county):
    placed = buy(session, county, ("tomato", 3), ("tomato-small", 1), ("clam", 1))
    for line in session.exec(select(OrderLine).where(OrderLine.order_id == placed.id)):
        shares = {s.role: s for s in session.exec(select(LineShare).where(LineShare.line_id == line.id))}
        assert sum(s.amount_fen for s in shares.values()) == line.goods_fen + line.freight_fen
        assert shares["transport"].amount_fen == line.freight_fen
        assert shares["grower"].amount_fen == pytest.approx(line.goods_fen * 0.88, abs=1)
        assert "88%" in shares["grower"].words
        assert {s.rule_version for s in shares.values()} == {"2024-1"}


def test_under_purchase_the_station_keeps_what_lies_above_the_agreed_rate(session, county):
    agreed = session.exec(select(Agreement).where(Agreement.grower_id == county.growers[1].id)).one()
    agreed.kind, agreed.share_bp = AgreementKind.PURCHASE, 7800
    session.add(agreed)
    session.flush()
    placed = buy(session, county, ("tomato", 1))
    rows = session.exec(select(LineShare.role, LineShare.amount_fen).join(OrderLine).where(OrderLine.order_id == placed.id)).all()
    shares = dict(rows)
    assert (shares["grower"], shares["master"], shares["platform"]) == (2808, 648, 144)


def test_another_total_than_the_buyer_saw_places_nothing(session, county):
    item = Item(county.variants["tomato"].sku, 1)
    with pytest.raises(TotalChanged) as changed:
        place_order(session, county.county, [item], contact=ZHAO, address=SHANGHAI, expected_total_fen=1, actor=Actor(tenant_id=county.id))
    assert changed.value.more["difference_fen"] == changed.value.more["total_fen"] - 1
    assert session.exec(select(Order)).all() == []


def test_a_link_gives_its_price_counts_its_quota_and_pays_its_seller(session, county):
    seller = make_user(session, "13800000005", "小满")
    link = make_link(session, county, seller, {"tomato": 3000}, quota=3, commission_bp=1000)
    placed = buy(session, county, ("tomato", 2), ("tea", 1), link=link.code)
    lines = {line.name: line for line in session.exec(select(OrderLine).where(OrderLine.order_id == placed.id))}
    assert (lines["高山西红柿"].price_fen, lines["高山西红柿"].link_id) == (3000, link.id)
    assert lines["桂花茶"].link_id is None
    shares = dict(session.exec(select(LineShare.role, LineShare.amount_fen).where(LineShare.line_id == lines["高山西红柿"].id)).all())
    assert (shares["seller"], shares["grower"], shares["master"], shares["platform"]) == (600, 4680, 480, 240)
    session.refresh(link)
    assert link.sold == 2
    with pytest.raises(SoldOut) as out:
        buy(session, county, ("tomato", 2), link=link.code)
    assert out.value.more["left"] == 1


def test_a_seller_earns_nothing_on_their_own_order_and_a_closed_link_is_no_link(session, county):
    seller = make_user(session, "13912345678", "赵立春")
    link = make_link(session, county, seller, {"tomato": 3000}, quota=9, commission_bp=1000)
    placed = buy(session, county, ("tomato", 1), link=link.code)
    roles = session.exec(select(LineShare.role).join(OrderLine).where(OrderLine.order_id == placed.id)).all()
    assert "seller" not in roles
    link.ends_at = clock.now()
    session.add(link)
    session.flush()
    [line] = buy(session, county, ("tomato", 1), link=link.code).quote.lines
    assert (line.price_fen, line.link) == (3600, None)


def test_an_order_opens_to_its_session_its_member_and_its_token_only(session, county):
    member = make_user(session, "13800000006", "小王")
    placed = buy(session, county, ("tomato", 1), actor=Actor(tenant_id=county.id, user_id=member.id, user_code=member.code))
    nobody = Actor(tenant_id=county.id)
    assert order_for(session, placed.number, nobody, placed.token).number == placed.number
    assert order_for(session, placed.number, Actor(tenant_id=county.id, user_id=member.id)).number == placed.number
    for actor, token in ((nobody, None), (nobody, ""), (nobody, placed.token[:-1] + "x"), (Actor(tenant_id=county.id + 1), placed.token)):
        with pytest.raises(OrderUnknown):
            order_for(session, placed.number, actor, token)


def test_nothing_is_held_by_an_order_that_failed(county_rows):
    """Two lines, the second sold out at the last moment: the first line's stock is not held."""
    county = county_rows
    with db.writing() as session:
        buy(session, county, ("bamboo", 99))
    with pytest.raises(SoldOut), db.writing() as session:
        buy(session, county, ("tomato", 5), ("bamboo", 2))
    with db.reading() as session:
        assert session.get(StockLevel, county.level(session, "tomato")).reserved == 0
        assert len(session.exec(select(Order)).all()) == 1
