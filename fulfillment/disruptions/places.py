"""Goods of a closed station next door: whose receiver collects elsewhere, and who is told where."""

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select, update

from core import i18n
from core.notify import tell
from fulfillment.batching.from_database import WAITING
from fulfillment.batching.late import new_days
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.consignments.service import receiver
from fulfillment.custody.models import Custody
from supply.counties.models import County
from supply.stations.models import Node

from .riders import bound_for


def bound_parcels(session: Session, county: County, node: str) -> list[int]:
    """Parcels that end here whose consignment has nothing delivered yet, nor lying here: one consignment is collected at one place."""
    given = select(Parcel.consignment_id).where(Parcel.tenant_id == county.id, col(Parcel.status) == ParcelStatus.DELIVERED)
    ids = bound_for(session, county, node)
    kept = select(col(Parcel.id)).where(col(Parcel.id).in_(ids), col(Parcel.consignment_id).not_in(given))
    return [row or 0 for row in session.exec(kept.order_by(col(Parcel.id)))]


def lying_at(session: Session, county: County, node: str) -> list[int]:
    """Waiting parcels that are to set out from a node, not packed yet or in its station's hands."""
    at = select(Node.id).where(Node.tenant_id == county.id, Node.code == node)
    held = select(Custody.parcel_code).where(Custody.tenant_id == county.id, col(Custody.ended_at).is_(None), Custody.holder_code == node)
    here = ((col(Parcel.status) == ParcelStatus.EXPECTED) & col(Parcel.station_id).in_(at)) | col(Parcel.code).in_(held)
    query = select(col(Parcel.id)).where(Parcel.tenant_id == county.id, col(Parcel.status).in_(WAITING), here)
    return [row or 0 for row in session.exec(query.order_by(col(Parcel.id)))]


def consignments_of(session: Session, parcel_ids: Collection[int]) -> list[Consignment]:
    ids = select(Parcel.consignment_id).where(col(Parcel.id).in_(parcel_ids))
    return list(session.exec(select(Consignment).where(col(Consignment.id).in_(ids)).order_by(col(Consignment.id))).all())


def collected_elsewhere(session: Session, county: County, ends: Mapping[str, str]) -> list[Consignment]:
    """Consignments that end at one of these nodes and will be collected where it says instead."""
    return [c for node in ends for c in consignments_of(session, bound_parcels(session, county, node))]


def elsewhere_in_words(session: Session, county: County, ends: Mapping[str, str]) -> str:
    """What their receivers hear, with a place for `day`."""
    ((here, there),) = ends.items()
    names = dict(session.exec(select(Node.code, Node.name).where(Node.tenant_id == county.id, col(Node.code).in_((here, there)))).all())
    return "{here}临时关站，您的包裹请到{there}取，预计{day}送到。".format(here=names[here], there=names[there], day="{day}")


def end_at(session: Session, consignments: Collection[Consignment], node: str, tenant_id: int) -> None:
    """They are collected at `node` from now on."""
    to = session.exec(select(Node.id).where(Node.tenant_id == tenant_id, Node.code == node)).one()
    session.execute(
        update(Consignment)
        .where(col(Consignment.id).in_([c.id for c in consignments]))
        .values(to_node_id=to)
        .execution_options(synchronize_session="fetch")
    )


def tell_places(session: Session, consignments: Collection[Consignment], words: str, *, cause: str) -> int:
    """One message a consignment: where it is collected now, and the new day in the same message where that changes too.

    `words` may have a place for `day`, as others about days have. Returns how many.
    """
    ids = [c.id for c in consignments]
    codes = session.exec(select(Parcel.code).where(col(Parcel.consignment_id).in_(ids))).all()
    days = {new.consignment.id: new.day for new in new_days(session, codes)}
    due = dict(session.exec(select(Parcel.consignment_id, Parcel.due_at).where(col(Parcel.consignment_id).in_(ids))).all())
    for consignment in consignments:
        day = days.get(consignment.id, consignment.told_day)
        with i18n.speaking("zh"):  # the receiver's message, whatever language the dispatcher reads
            said = words.format(day=i18n.day(day or consignment.deliver_by or due[consignment.id or 0]))
        tell(session, receiver(consignment).phone, said, tenant_id=consignment.tenant_id, key=f"place:{consignment.code}:{cause}")
        if consignment.id in days:
            consignment.told_day = day
        session.add(consignment)
    session.flush()
    return len(consignments)


def not_under_way(session: Session, codes: Collection[str]) -> list[Consignment]:
    """Of these consignments those that none of whose parcels has come to a station next door, is on a vehicle there, or has its end."""
    away = (
        select(Parcel.consignment_id)
        .outerjoin(Custody, (col(Custody.parcel_code) == col(Parcel.code)) & col(Custody.ended_at).is_(None))
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .join(Node, col(Node.id) == col(Consignment.to_node_id))
        .where(
            col(Parcel.status).not_in(WAITING) | (col(Custody.holder_kind) == "departure") | (col(Custody.holder_code) == col(Node.code))
        )
    )
    rows = select(Consignment).where(col(Consignment.code).in_(codes), col(Consignment.id).not_in(away))
    return list(session.exec(rows.order_by(col(Consignment.id))).all())
