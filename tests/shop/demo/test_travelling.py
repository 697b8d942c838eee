"""Who waits for a trip in the demonstration: gathered, the same for the same seed, and without any order."""

from random import Random

from sqlmodel import Session, select

from core import clock
from core.auth.service import add_user
from core.permissions import Actor
from fulfillment.customised.queries import gathered_groups
from fulfillment.customised.service import note_of
from shop.demo.travelling import ask_for_trips
from shop.orders.models import Order
from tests.county import SmallCounty, small_county


def asked(session: Session, county: SmallCounty) -> list[list[tuple[str, int, str]]]:
    groups = gathered_groups(session, county.id)
    return [[(g.names[r.from_id].name, r.seats, note_of(r)) for r in g.requests] for g in groups]


def test_villagers_of_the_demonstration_wait_gathered_and_no_order_is_made(session: Session) -> None:
    found = []
    for code, prefix in (("small", "sm"), ("other", "ot")):
        county = small_county(session, code=code, prefix=prefix)
        user = add_user(session, f"1380000000{len(found)}", "周小满")
        consumer = Actor(tenant_id=county.id, user_id=user.id, user_code=user.code)
        assert ask_for_trips(session, county.id, clock.today(), Random("1/travel"), consumer) == 3
        found.append(asked(session, county))
    assert found[0] == found[1]  # and those who live in both are asked once
    (group,) = found[0]
    assert [(name, seats) for name, seats, _note in group] == [("海头驿站", 2), ("葛家驿站", 1), ("葛家驿站", 2)]
    assert session.exec(select(Order)).all() == []
