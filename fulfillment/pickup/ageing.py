"""What lies on a shelf too long: its receiver is reminded once, and after the county's days it goes back by itself."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core import clock, i18n, notify
from core.permissions import Actor
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import receiver
from supply.counties.models import County
from supply.stations.models import Station

from .handing import give_back, open_stay
from .models import Stay
from .queries import pickup_rules
from .shelf import code_of

WAKING = range(8, 20)  # hours of the day at which people are sent a reminder
MOST = 200  # reminders a transaction
REMINDED = i18n.kept("您的包裹在{station}放了 {n} 天，请来取。在 {shelf} 号货架，取件码 {code}。")
BACK_AFTER = i18n.kept("过了{day}没人取就退回。")


def remind(session: Session, county: County) -> int:
    """Remind those whose parcel lies as long as the county says, once a stay and by day. Returns how many."""
    rules, now = pickup_rules(county), clock.now()
    if clock.local(now).hour not in WAKING:
        return 0
    days = rules.kept_days if rules.remind_days is None else rules.remind_days
    query = (
        select(Stay, Station, Consignment)
        .join(Station, col(Station.node_id) == col(Stay.station_id))
        .join(Parcel, col(Parcel.code) == col(Stay.parcel_code))
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .where(Stay.tenant_id == county.id, col(Stay.ended_at).is_(None), col(Stay.reminded_at).is_(None), col(Stay.since) < _before(days))
        .order_by(col(Stay.id))
        .limit(MOST)
        .with_for_update(of=Stay)
    )
    found = session.exec(query).all()
    for stay, station, consignment in found:
        stay.reminded_at = now
        session.add(stay)
        came = clock.business_date(stay.since)
        with i18n.speaking("zh"):
            words = i18n.retold(REMINDED.format(station=station.name, n=(clock.today() - came).days, shelf=stay.shelf, code=code_of(stay)))
            if rules.return_days is not None:
                words += i18n.retold(BACK_AFTER.format(day=i18n.day(clock.midnight(came + timedelta(days=rules.return_days)))))
        notify.tell(session, receiver(consignment).phone, words, tenant_id=county.id, key=f"shelf:{stay.code}:reminder")
    return len(found)


def send_back_one(session: Session, county: County) -> bool:
    """Begin the return of the parcel that has lain longest past the county's limit. False when there is none, or no such limit."""
    rules = pickup_rules(county)
    if rules.return_days is None:
        return False
    over = select(Stay.id, Station).join(Station, col(Station.node_id) == col(Stay.station_id))
    over = over.where(Stay.tenant_id == county.id, col(Stay.ended_at).is_(None), col(Stay.since) < _before(rules.return_days + 1))
    first = session.exec(over.order_by(col(Stay.since), col(Stay.id)).limit(1)).first()
    if first is None:
        return False
    stay_id, here = first
    stay = open_stay(session, here, Stay.id == stay_id)
    if stay is not None:  # else somebody came for it in this moment
        actor = Actor(tenant_id=county.id, user_code="clock", grants=frozenset({("dispatcher", "county", "")}))
        give_back(session, actor, here, stay, key=stay.code)
    return True


def _before(days: int) -> datetime:
    """Whatever came earlier has lain for so many days."""
    return clock.midnight(clock.today() - timedelta(days=days - 1))
