"""A keeper orders for a villager who consents by a code on their phone: to the station's shelf, and the commission is frozen with the order."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from core import db, notify, pii, tasks
from core.auth.models import Grant, User
from core.outbox import Outbox
from core.settings import settings
from fulfillment.consignments.models import Consignment
from fulfillment.income.models import IncomeEntry
from shop.orders.models import LineShare, Order, OrderLine
from shop.payments.giving import Part, give_back
from shop.payments.service import cancel_order
from supply.counties.models import ShareRule
from tests.broken import broken
from tests.county import SmallCounty
from tests.fulfillment.web import signed_in
from tests.shop.buying import county_with_roads, order_of, pay

PHONE = "13700002222"


@pytest.fixture
def county(database: str, monkeypatch: pytest.MonkeyPatch) -> SmallCounty:
    monkeypatch.setattr(settings, "demo", True)
    monkeypatch.setattr(notify, "can_send", lambda: True)
    with db.writing() as session:
        rows = county_with_roads(session)
        session.get_one(ShareRule, rows.rule.id).on_behalf_bp = 100
    return rows


def digits_sent(phone: str = PHONE) -> str:
    with db.reading() as session:
        sent = session.exec(select(Outbox).where(col(Outbox.key).startswith("code:")).order_by(col(Outbox.id).desc())).first()
        assert sent is not None
        assert pii.unseal(sent.payload["to"], sent.payload["context"]) == phone
        return pii.unseal(sent.payload["digits"], sent.payload["context"])


def asked(keeper: TestClient, county: SmallCounty, phone: str = PHONE) -> dict[str, str]:
    """The keeper fills a basket and has a code sent: the form that follows."""
    added = keeper.post("/cart/lines", data={"sku": county.variants["tomato"].sku, "qty": "2"})
    assert added.status_code in (200, 303), added.text
    page = keeper.post("/station/behalf/codes", data={"form_key": "c1", "name": "王阿婆", "phone": phone}).text
    return {name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("receipt", "expected_total_fen", "form_key")}


def placed(county: SmallCounty) -> str:
    keeper = signed_in(county, "helper", "station", county.stations[0].code)
    form = {**asked(keeper, county), "name": "王阿婆", "phone": PHONE, "digits": digits_sent()}
    for _again in range(2):
        answer = keeper.post("/station/behalf", data=form)
        assert answer.status_code == 303 and "/pay/" in answer.headers["location"], answer.text
    with db.reading() as session:
        return session.exec(select(Order.number)).one()


def whole(session: Session) -> list[str]:
    session.flush()
    return [words for code in ("I1", "I3", "I12") for words in broken(session, code)]


def test_it_is_the_villagers_order_to_the_stations_shelf_and_earns_the_commission(county: SmallCounty) -> None:
    number, station = placed(county), county.stations[0].code
    with db.writing() as session:
        order = order_of(session, number)
        assert (order.behalf_station, order.user_id, order.phone_index) == (station, None, pii.blind_index(PHONE))
        share = session.exec(select(LineShare).where(LineShare.role == "on_behalf")).one()
        assert (share.party_code, share.amount_fen, "代买提成" in share.words) == (station, order.goods_fen // 100, True)
        assert session.exec(select(IncomeEntry)).all() == [], "nothing before it is paid"
        pay(session, number)
    tasks.drain()
    with db.reading() as session:
        row = session.exec(select(IncomeEntry).where(IncomeEntry.source == "on_behalf")).one()
        assert (row.party_code, row.state, row.amount_fen) == (station, "pending", share.amount_fen)
        assert session.exec(select(Consignment.to_node_id)).one() == county.stations[0].node_id
        assert whole(session) == []


@pytest.mark.parametrize("deed", ["cancel", "refund"])
def test_what_is_given_back_takes_the_commission_along(county: SmallCounty, deed: str) -> None:
    number = placed(county)
    with db.writing() as session:
        pay(session, number)
    tasks.drain()
    with db.writing() as session:
        order = order_of(session, number)
        if deed == "cancel":
            cancel_order(session, order, by="buyer")
        else:
            line = session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).one()
            give_back(session, order, [Part(line.id or 0, line.goods_fen // 2)], key="r1", reason="少了", bearer="grower")
    tasks.drain()
    with db.reading() as session:
        row = session.exec(select(IncomeEntry).where(IncomeEntry.source == "on_behalf")).one()
        less = session.exec(select(IncomeEntry.amount_fen).where(IncomeEntry.reverses_id == row.id)).all()
        assert (row.state, less) == ("reversed", []) if deed == "cancel" else (row.state, less) == ("pending", [-(row.amount_fen // 2)])
        assert whole(session) == []


def test_without_the_right_code_nothing_is_ordered(county: SmallCounty) -> None:
    keeper = signed_in(county, "master", "station", county.stations[0].code)
    assert "篮子是空的" in keeper.get("/station/behalf").text
    form = {**asked(keeper, county), "name": "王阿婆", "phone": PHONE}
    right = digits_sent()
    wrong = keeper.post("/station/behalf", data={**form, "digits": f"{(int(right) + 1) % 1_000_000:06d}"})
    assert wrong.status_code == 422 and "验证码不对" in wrong.text
    other = keeper.post("/station/behalf", data={**form, "phone": "13700003333", "digits": right})
    assert other.status_code == 422, "a code of one phone opens nothing for another"
    assert keeper.post("/station/behalf/codes", data={"form_key": "c9", "name": "王阿婆", "phone": "123"}).status_code == 422
    changed = keeper.post("/station/behalf", data={**form, "expected_total_fen": "1", "digits": right})
    assert changed.status_code == 409
    with db.reading() as session:
        assert session.exec(select(Order)).all() == []


def test_a_keeper_earns_nothing_on_what_they_buy_themselves(county: SmallCounty) -> None:
    keeper = signed_in(county, "master", "station", county.stations[0].code)
    with db.reading() as session:
        user = session.exec(select(User).join(Grant, col(Grant.user_id) == col(User.id)).where(Grant.role == "master")).one()
        own = pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}")
    form = {**asked(keeper, county, own), "name": "站长自己", "phone": own, "digits": digits_sent(own)}
    assert keeper.post("/station/behalf", data=form).status_code == 303
    with db.reading() as session:
        assert session.exec(select(Order.behalf_station)).one() == county.stations[0].code
        assert session.exec(select(LineShare).where(LineShare.role == "on_behalf")).all() == []
