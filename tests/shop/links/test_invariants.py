"""A commission that is not its link's, or is the seller's own purchase, is found."""

from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from core.invariants import registered
from shop.links.models import OrderLink
from shop.orders.models import LineShare, Order
from tests.county import SmallCounty
from tests.shop.buying import buy
from tests.shop.selling import make_link, make_user


@pytest.fixture
def number(session: Session, county: SmallCounty) -> str:
    """An order through a link that pays 7.5 %."""
    link = make_link(session, county, make_user(session, "13800000005", "小满"), {"tomato": 3333}, quota=9, commission_bp=750)
    return buy(session, county, ("tomato", 1), ("clam", 1), link=link.code).number


def broken(session: Session) -> list[str]:
    session.flush()
    return [line for each in registered() if each.code == "I12" for line in each.probe(session)]


def set_share(session: Session, **values: Any) -> None:
    session.exec(update(LineShare).where(col(LineShare.role) == "seller").values(**values))


def test_a_frozen_commission_stands(session: Session, number: str) -> None:
    assert len(session.exec(select(LineShare).where(LineShare.role == "seller")).all()) == 1
    assert broken(session) == []
    session.rollback()


def test_another_amount_or_party_is_found(session: Session, number: str) -> None:
    for wrong in ({"amount_fen": 252}, {"party_code": "U-somebody"}):
        with session.begin_nested() as undone:
            set_share(session, **wrong)
            assert len(broken(session)) == 1
            undone.rollback()
    session.rollback()


def test_a_commission_on_the_sellers_own_purchase_is_found(session: Session, number: str) -> None:
    seller_id = session.exec(select(OrderLink.seller_id)).one()
    session.exec(update(Order).where(col(Order.number) == number).values(user_id=seller_id))
    assert len(broken(session)) == 1
    session.rollback()


def test_an_order_after_the_links_end_and_an_unpaid_seller_are_found(session: Session, number: str) -> None:
    order = session.exec(select(Order)).one()
    with session.begin_nested() as undone:
        session.exec(update(OrderLink).values(ends_at=order.placed_at))
        assert len(broken(session)) == 1
        undone.rollback()
    set_share(session, role="master2")
    assert len(broken(session)) == 1
    session.rollback()
