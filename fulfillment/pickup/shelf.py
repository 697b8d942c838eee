"""The shelf follows custody: what comes to the station where it is fetched gets a place and a code, what is there no more gives it back.

Read from the chains like everything else, so the order in which scans arrive does not matter. The receiver is told once a stay.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from core import clock, i18n, notify
from core.codes import new_code
from core.pii import seal, unseal
from fulfillment.consignments.events import on_handled
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import receiver
from fulfillment.custody.chain import Chain
from fulfillment.custody.events import on_read
from supply.stations.models import Node, Station

from .models import Ended, Stay

ARRIVED = i18n.kept("您的包裹到了{station}，在 {shelf} 号货架。取件码 {code}，只用一次，只告诉站长。")
HOW = {"delivered": Ended.FETCHED, "returned": Ended.RETURNED}


def is_fetched(consignment: Consignment) -> bool:
    """Whether its receiver comes to a node of the county for it."""
    return consignment.to_node_id is not None and consignment.door_min is None


@on_read
def follow(session: Session, parcels: Sequence[Parcel], consignments: Mapping[int, Consignment], chains: Mapping[str, Chain]) -> None:
    """Runs in the transaction of the scans; nothing is asked for parcels that nobody fetches."""
    fetched = [p for p in parcels if is_fetched(consignments[p.consignment_id])]
    if not fetched:
        return
    ids = {consignments[p.consignment_id].to_node_id for p in fetched}
    nodes = select(col(Node.id), col(Node.code)).join(Station, col(Station.node_id) == col(Node.id))
    places = dict(session.exec(nodes.where(col(Node.id).in_(ids))).all())
    stays = {s.parcel_code: s for s in _open(session, [p.code for p in fetched])}
    for parcel in fetched:
        chain, consignment = chains[parcel.code], consignments[parcel.consignment_id]
        here = chain.holder is not None and chain.holder.code == places.get(consignment.to_node_id) and chain.status != "returned"
        stay = stays.get(parcel.code)
        if here and stay is None:
            shelve(session, parcel, consignment, since=chain.holder.began if chain.holder else clock.now())
        elif stay is not None and not here:
            stay.ended_at, stay.ended_how = clock.now(), HOW.get(chain.status, Ended.LEFT).value
            session.add(stay)


@on_handled
def shelve_packed(session: Session, parcels: Sequence[Parcel], deed: str) -> None:
    """What is packed where it is fetched lies there at once."""
    for parcel in parcels if deed == "packed" else ():
        consignment = session.get_one(Consignment, parcel.consignment_id)  # locked and at hand: the packing read it
        if is_fetched(consignment) and consignment.to_node_id == parcel.station_id:
            shelve(session, parcel, consignment, since=clock.now())


def _open(session: Session, codes: Sequence[str]) -> list[Stay]:
    query = select(Stay).where(col(Stay.parcel_code).in_(codes), col(Stay.ended_at).is_(None)).order_by(col(Stay.id))
    return list(session.exec(query.with_for_update(), execution_options={"populate_existing": True}).all())


def shelve(session: Session, parcel: Parcel, consignment: Consignment, *, since: datetime) -> Stay:
    """The lowest free place of the station, a fresh code, and a word to the receiver."""
    station = session.exec(
        select(Station).where(Station.node_id == consignment.to_node_id).with_for_update(key_share=True)
    ).one()  # those who shelve at one station wait for each other
    taken = set(session.exec(select(Stay.shelf).where(Stay.station_id == station.node_id, col(Stay.ended_at).is_(None))).all())
    code, shelf = new_code("SH"), next(n for n in range(1, len(taken) + 2) if n not in taken)
    stay = Stay(
        tenant_id=parcel.tenant_id, code=code, parcel_code=parcel.code, station_id=station.node_id, shelf=shelf,
        secret_sealed=seal(f"{secrets.randbelow(10_000):04}", f"shelf_stay.secret:{code}"), since=since,
    )  # fmt: skip
    session.add(stay)
    session.flush()
    with i18n.speaking("zh"):
        words = i18n.retold(ARRIVED.format(station=station.name, shelf=shelf, code=code_of(stay)))
    notify.tell(session, receiver(consignment).phone, words, tenant_id=parcel.tenant_id, key=f"shelf:{code}")
    return stay


def secret_of(stay: Stay) -> str:
    """The four digits; for the receiver's eyes and for comparing."""
    return unseal(stay.secret_sealed, f"shelf_stay.secret:{stay.code}")


def code_of(stay: Stay) -> str:
    """The pick-up code as it is told: `12-4823`."""
    return f"{stay.shelf}-{secret_of(stay)}"
