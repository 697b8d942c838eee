"""A sold, paid and packed order in the small county, and people who may look at what it earned."""

from sqlmodel import select

from core import clock, db, tasks
from core.auth import service as people
from core.auth.models import SignIn
from core.permissions import Actor
from fulfillment.consignments.models import Consignment
from fulfillment.consignments.service import pack
from tests.county import SmallCounty
from tests.shop.buying import buy, pay


def sell(county: SmallCounty, *wanted: tuple[str, int], packed: bool = False, note: str = "") -> str:
    """Place and pay an order, its notice delivered; returns its number."""
    with db.writing() as session:
        placed = buy(session, county, *wanted, note=note)
    with db.writing() as session:
        pay(session, placed.number)
    tasks.drain()
    if packed:
        with db.writing() as session:
            for consignment in session.exec(select(Consignment).where(Consignment.source_code == placed.number)):
                pack(session, consignment, by="U1")
    return placed.number


def session_of(county: SmallCounty, phone: str, role: str, scope: str = "") -> str:
    """The cookie of somebody with this role, second factor done."""
    with db.writing() as session:
        user = people.find_user(session, phone) or people.add_user(session, phone, f"测试{role}")
        people.grant(session, user, role, tenant_id=county.id, scope_kind="station" if scope else "county", scope_code=scope)
        started, token = people.start_session(session, tenant_id=county.id, user=user, staff=True)
        session.get_one(SignIn, started.id).second_factor_at = clock.now()
    return token


def actor(county: SmallCounty, role: str, scope: str = "") -> Actor:
    return Actor(tenant_id=county.id, user_id=1, user_code="U1", grants=frozenset({(role, "station", scope)}), has_second_factor=True)
