"""A buyer of the small county: rows made the way the shop makes them, for tests of carts, orders and payments."""

from datetime import timedelta

from sqlmodel import Session, select

from core import clock
from core.permissions import Actor
from fulfillment.timetable.service import open_days
from shop.checkout.address import Contact, FullAddress
from shop.checkout.service import Item, PlacedOrder, place_order, quote
from shop.orders.models import Order
from shop.payments.cashier import decide
from shop.payments.models import PaymentAttempt
from shop.payments.service import start_payment
from tests.county import SmallCounty, small_county
from tests.remembered import remembered

SHANGHAI = FullAddress(province="上海市", city="上海市", district="徐汇区", detail="天平路 7 号 3 幢 1203 室")
ZHAO = Contact(name="赵立春", phone="13912345678")


def county_with_roads(session: Session) -> SmallCounty:
    """The small county, in the caller's transaction, with the departures a promise may look at."""

    def made() -> SmallCounty:
        rows = small_county(session)
        open_roads(session, rows)
        return rows

    return remembered(session, ("roads",), made)


def open_roads(session: Session, county: SmallCounty) -> None:
    """Departures for today and the days a promise may look at."""
    today = clock.today()
    open_days(session, county.county, today, today + timedelta(days=4))


def buy(
    session: Session,
    county: SmallCounty,
    *wanted: tuple[str, int],
    contact: Contact = ZHAO,
    actor: Actor | None = None,
    link: str | None = None,
    note: str = "",
    coupon: str | None = None,
) -> PlacedOrder:
    """Place an order for (variant name, units) at today's price, to Shanghai."""
    items = [Item(county.variants[name].sku, units, link) for name, units in wanted]
    total = quote(session, county.county, items, SHANGHAI, coupon=coupon).total_fen
    return place_order(
        session,
        county.county,
        items,
        contact=contact,
        address=SHANGHAI,
        expected_total_fen=total,
        actor=actor or Actor(tenant_id=county.id),
        note=note,
        coupon=coupon,
    )


def pay(session: Session, number: str, *, outcome: str = "paid", method: str = "page") -> PaymentAttempt:
    """Start a sandbox payment and choose at its cashier; the notice is on its way, `tasks.drain()` delivers it."""
    order = session.exec(select(Order).where(Order.number == number)).one()
    attempt = start_payment(session, order, provider="sandbox", method=method)
    decide(session, attempt.code, outcome, tenant_id=order.tenant_id, amount_fen=attempt.amount_fen)
    return attempt


def order_of(session: Session, number: str) -> Order:
    return session.exec(select(Order).where(Order.number == number).execution_options(populate_existing=True)).one()
