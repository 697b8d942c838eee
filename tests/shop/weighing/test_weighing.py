"""多退少不补: what is short goes back by itself, what is more stays the buyer's, and a slip of the finger costs nobody anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from core import db, tasks
from fulfillment.consignments.models import Consignment
from shop.orders.models import OrderLine
from shop.payments.models import Refund, RefundShare
from shop.weighing.models import WeighSlip
from shop.weighing.service import LineUnknown, NotWeighable, WeightDoubtful, shortfall_fen, weigh
from tests.shop.buying import order_of
from tests.shop.claims.claiming import delivered, line_code
from tests.shop.earning import sell
from tests.shop.visitor import hidden

HERE = "sm-gejia"


def _weigh(county, number: str, grams: int, again: int | None = None, stations: tuple[str, ...] = (HERE,)) -> int | None:
    """The refund's fen, None where nothing goes back."""
    with db.writing() as session:
        code = line_code(session, number)
        slip = weigh(session, code, grams, stations=stations, tenant_id=county.id, by="user:U1", again=again)
        return session.get_one(Refund, slip.refund_id).amount_fen if slip.refund_id else None


@given(price=st.integers(1, 10**6), units=st.integers(1, 50), net_g=st.integers(1, 10**5), grams=st.integers(0, 10**7))
def test_a_shortfall_is_pro_rata_to_the_fen_and_never_below_nothing_or_above_the_goods(price, units, net_g, grams):
    line = OrderLine(goods_fen=price * units, discount_fen=0, quantity=units, net_g=net_g)
    ordered = net_g * units
    fen = shortfall_fen(line, ordered, grams)
    assert 0 <= fen <= price * units
    assert abs(fen * ordered - price * units * max(0, ordered - grams)) * 2 <= ordered


def test_what_is_short_goes_back_once_by_itself_and_everybody_bears_their_part(county_rows):
    number = sell(county_rows, ("tomato", 2))  # 5,000 g for 72.00
    assert [_weigh(county_rows, number, 4750) for _ in range(2)] == [360, 360]
    tasks.drain()
    with db.reading() as session:
        order = order_of(session, number)
        assert (order.refunded_fen, order.payment_status) == (360, "part_refunded")
        assert sum(session.exec(select(RefundShare.borne_fen))) == 360
        assert len(session.exec(select(RefundShare)).all()) == 3  # grower, station and platform; the freight was carried
    with pytest.raises(NotWeighable, match="4750"):
        _weigh(county_rows, number, 4700)


def test_more_than_was_sold_is_the_buyers_and_nothing_is_asked_for(county_rows):
    number = sell(county_rows, ("tomato", 2))
    assert _weigh(county_rows, number, 5300) is None
    tasks.drain()
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 0
        assert session.exec(select(Refund)).all() == []


@pytest.mark.parametrize("grams", [500_000, 50, 0, 2499, 10_001])
def test_a_hundredfold_or_a_hundredth_is_taken_only_when_it_is_said_twice(county_rows, grams):
    number = sell(county_rows, ("tomato", 2))
    for again in (None, grams + 1):
        with pytest.raises(WeightDoubtful):
            _weigh(county_rows, number, grams, again)
    with db.reading() as session:
        assert session.exec(select(WeighSlip)).all() == []
    due = round(7200 * max(0, 5000 - grams) / 5000)
    assert (_weigh(county_rows, number, grams, grams) or 0) == due
    tasks.drain()


def test_only_its_own_station_weighs_and_only_before_it_left(county_rows):
    number = sell(county_rows, ("tomato", 2))
    with pytest.raises(LineUnknown):
        _weigh(county_rows, number, 4750, stations=("sm-haitou",))
    gone = delivered(county_rows, ("tomato", 1))
    with pytest.raises(NotWeighable):
        _weigh(county_rows, gone, 2400)


def test_a_master_weighs_on_the_page_and_a_doubted_figure_is_asked_for_again(county_rows, signed_in):
    number = sell(county_rows, ("tomato", 2), packed=True)
    with db.reading() as session:
        code = session.exec(select(Consignment.code).where(Consignment.source_code == number)).one()
        line = line_code(session, number)
    master = signed_in("master", "station", HERE)
    master.headers["accept"] = "text/html"
    assert f"/station/weighing/{code}" in master.get(f"/station/packing/{code}").text
    page = master.get(f"/station/weighing/{code}").text
    assert "卖的是 5000 克" in page
    form = {"form_key": hidden(page, "form_key"), "line": line, "net": "48", "unit": "克"}
    doubted = master.post(f"/station/weighing/{code}", data=form)
    assert (doubted.status_code, 'name="again"' in doubted.text) == (409, True)
    assert master.post(f"/station/weighing/{code}", data={**form, "net": "4.8"}).status_code == 422
    assert master.post(f"/station/weighing/{code}", data={**form, "net": "四斤"}).status_code == 422
    hundredfold = master.post(f"/station/weighing/{code}", data={**form, "net": "960 斤"})
    assert (hundredfold.status_code, 'name="again"' in hundredfold.text) == (409, True)
    assert master.post(f"/station/weighing/{code}", data={**form, "net": "９．６", "unit": "斤"}).status_code == 303
    assert "退给买家 2.88 元" in master.get(f"/station/weighing/{code}").text
    assert signed_in("master", "station", "sm-haitou").get(f"/station/weighing/{code}").status_code == 404
    tasks.drain()


def test_a_scale_says_it_by_program(county_rows, signed_in):
    number = sell(county_rows, ("tomato", 2))
    with db.reading() as session:
        line = line_code(session, number)
    master = signed_in("master", "station", HERE)
    doubted = master.post(f"/api/v1/lines/{line}/weighing", json={"grams": 475_000})
    assert (doubted.status_code, doubted.json()["code"]) == (409, "weight_doubtful")
    weighed = master.post(f"/api/v1/lines/{line}/weighing", json={"grams": 4750})
    assert (weighed.status_code, weighed.json()["refund_fen"], weighed.json()["ordered_g"]) == (200, 360, 5000)
    assert master.post("/api/v1/lines/JLX/weighing", json={"grams": 1}).status_code == 404
    assert master.post(f"/api/v1/lines/{line}/weighing", json={"grams": -1}).status_code == 422
    tasks.drain()
