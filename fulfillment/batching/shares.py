"""A county's terms on the province's lanes, and their rounds.

Counties see a lane's price and their own share of it, nothing of each other. A plan pays the price and is written only if
it stays within the share, in one statement; what it would have sent at that price is its answer. Every few minutes each lane
with news takes one step (lanes.py): its price moves, the shares are allotted anew. A county that is silent keeps its last
answer. A new day of a lane begins with the price of its last one; before its first round a county has no share of it.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from sqlmodel import Session, col, func, select, update

from core import clock, db
from core.upsert import Upsert
from fulfillment.consignments.models import Parcel as ParcelRow
from fulfillment.consignments.models import ParcelStatus
from fulfillment.network.models import Trunk as TrunkRow
from fulfillment.promise.stamp import shares_changed

from .answer import Plan
from .cost import trunk_fen
from .instance import Instance, Parcel, Trunk
from .lanes import allot, mean_demand, next_prices, step_of
from .loads import trunk_grams
from .models import LaneDay, LaneShare
from .roads import DAYS, Roads, TrunkDay

_OPEN_DAY = Upsert(LaneDay, lambda insert: insert.on_conflict_do_nothing(index_elements=["lane", "day"]))
_OPEN_SHARE = Upsert(LaneShare, lambda insert: insert.on_conflict_do_nothing(index_elements=["lane", "day", "tenant_id"]))


class Terms(NamedTuple):
    """What a county is told of a lane's day."""

    fen_per_kg: float
    share_g: int


def lane_days(roads: Roads) -> dict[str, TrunkDay]:
    """The county's trunk days that ride on a lane of the province, by key."""
    return {key: day for key, day in roads.trunk_days.items() if day.lane}


def terms(session: Session, tenant_id: int, roads: Roads) -> dict[str, Terms]:
    """By trunk day; one query, and none in a county that feeds no lane. A day whose share is not allotted yet has none."""
    feeding = lane_days(roads)
    if not feeding:
        return {}
    rows = session.exec(
        select(col(LaneShare.lane), col(LaneShare.day), col(LaneDay.fen_per_kg), col(LaneShare.share_g))
        .join(LaneDay, (col(LaneDay.lane) == col(LaneShare.lane)) & (col(LaneDay.day) == col(LaneShare.day)))
        .where(LaneShare.tenant_id == tenant_id, col(LaneShare.day).between(roads.first, roads.last))
    )
    known = {(lane, day): Terms(price, share) for lane, day, price, share in rows}
    return {key: known.get((day.lane, _day(day)), Terms(0.0, 0)) for key, day in feeding.items()}


def on_terms(trunk: Trunk, told: Terms | None) -> Trunk:
    """The trunk as the county may use it: no more than its share, the lane's price on every kilogram."""
    if told is None:
        return trunk
    zones = {name: replace(zone, per_kg_fen=zone.per_kg_fen + told.fen_per_kg) for name, zone in trunk.zones.items()}
    return replace(trunk, zones=zones, cap_g=min(trunk.cap_g, told.share_g))


def keep_within(session: Session, tenant_id: int, roads: Roads, instance: Instance, plan: Plan) -> bool:
    """Note what is planned on each lane now and what was wished for; False where it would pass the county's share.

    Called after the parcels were given their trunks, in the same transaction: a False is the caller's to roll back.
    """
    feeding = lane_days(roads)
    if not feeding:
        return True
    planned, wishes = trunk_grams(session, tenant_id, feeding), _wishes(instance, plan, set(feeding))
    for key, day in feeding.items():
        mine = (col(LaneShare.lane) == day.lane, col(LaneShare.day) == _day(day), col(LaneShare.tenant_id) == tenant_id)
        grams = planned.get(key, 0)
        kept = session.execute(
            update(LaneShare)
            .where(*mine, col(LaneShare.share_g) >= grams)
            .values(planned_g=grams, wanted_g=grams + wishes.get(key, 0), heard=True)
        )
        if not kept.rowcount and session.exec(select(LaneShare.lane).where(*mine)).first() is not None:  # type: ignore[attr-defined]
            return False
    return True


def _wishes(instance: Instance, plan: Plan, feeding: Collection[str]) -> dict[str, int]:
    """Grams that would rather go by each lane at its price than as they were planned: what did not fit into the share."""
    given = {p.id: p.trunk for p in plan.parcels if p.reason is None}
    by_key = {t.id: t for t in instance.trunks}
    wishes: dict[str, int] = defaultdict(int)
    for parcel in instance.parcels:
        trunk = given.get(parcel.id, "")
        if parcel.zone is None or trunk in feeding:
            continue
        pays = trunk_fen(instance, parcel, by_key[trunk]) if trunk else instance.unserved_fen
        better = [(trunk_fen(instance, parcel, t), t.id) for t in instance.trunks if t.id in feeding and _could_take(instance, parcel, t)]
        cheapest, key = min(better, default=(pays, ""))
        if cheapest < pays:
            wishes[key] += int(parcel.g)
    return wishes


def _could_take(instance: Instance, parcel: Parcel, trunk: Trunk) -> bool:
    in_time = max(parcel.ready, instance.now) + instance.hub_sort_min <= trunk.cutoff
    return parcel.zone in trunk.zones and parcel.tier in trunk.tiers and in_time


def settle_lanes() -> int:
    """A round of every lane's day that wants one, each in a transaction of its own; returns how many. Without lanes one read."""
    with db.reading() as session:
        feeders = session.exec(select(TrunkRow).where(TrunkRow.lane != "").order_by(col(TrunkRow.id))).all()
        days = [clock.today() + timedelta(days=n) for n in range(DAYS if feeders else 0)]
        settled = _settled(session, days)
    lanes: dict[str, list[TrunkRow]] = defaultdict(list)
    for trunk in feeders:
        lanes[trunk.lane].append(trunk)
    due = [(trunks, day) for trunks in lanes.values() for day in days if {t.tenant_id for t in trunks} - settled[trunks[0].lane, day]]
    for trunks, day in due:
        db.run_write(partial(_round, trunks, day))
    return len(due)


def _settled(session: Session, days: list[date]) -> dict[tuple[str, date], set[int]]:
    """Which counties have a share and no news, by lane and day."""
    still: dict[tuple[str, date], set[int]] = defaultdict(set)
    rows = select(col(LaneShare.lane), col(LaneShare.day), col(LaneShare.tenant_id)).where(
        col(LaneShare.day).in_(days), ~col(LaneShare.heard)
    )
    for lane, day, tenant_id in session.exec(rows) if days else ():
        still[lane, day].add(tenant_id)
    return still


def _round(trunks: list[TrunkRow], day: date, session: Session) -> None:
    """One step of a lane's day: counties new to it come in with what they have planned, news moves the price, shares are allotted."""
    lane, room = trunks[0].lane, min(t.lane_cap_g for t in trunks)  # counties that name it differently: what nobody overbooks
    shares_changed(session, {t.tenant_id for t in trunks})
    last = session.exec(select(LaneDay.fen_per_kg).where(LaneDay.lane == lane, LaneDay.day < day).order_by(col(LaneDay.day).desc())).first()
    _OPEN_DAY.run(session, {"lane": lane, "day": day, "cap_g": room, "fen_per_kg": last or 0.0, "round": 0})
    this = session.exec(select(LaneDay).where(LaneDay.lane == lane, LaneDay.day == day).with_for_update()).one()
    known = {s.tenant_id for s in _shares(session, lane, day)}
    for trunk in trunks:
        if trunk.tenant_id not in known:
            has = _planned(session, trunk, day)
            _OPEN_SHARE.run(session, {
                "lane": lane, "day": day, "tenant_id": trunk.tenant_id, "share_g": has, "planned_g": has, "wanted_g": has, "mean_g": has,
                "heard": False,
            })  # fmt: skip
    shares = _shares(session, lane, day)
    if any(s.heard for s in shares):
        this.round += 1
        wanted = sum(s.wanted_g for s in shares)
        this.fen_per_kg = next_prices({lane: wanted}, {lane: room}, {lane: this.fen_per_kg}, step_of(this.round))[lane]
        for share in shares:
            share.mean_g, share.heard = mean_demand(share.mean_g, share.wanted_g, this.round), False
    this.cap_g = room
    allotted = allot(room, {s.tenant_id: s.planned_g for s in shares}, {s.tenant_id: s.mean_g for s in shares})
    for share in shares:
        share.share_g = allotted[share.tenant_id]
    session.add_all([this, *shares])


def _shares(session: Session, lane: str, day: date) -> list[LaneShare]:
    mine = select(LaneShare).where(LaneShare.lane == lane, LaneShare.day == day).order_by(col(LaneShare.tenant_id)).with_for_update()
    return list(session.exec(mine, execution_options={"populate_existing": True}))


def _planned(session: Session, trunk: TrunkRow, day: date) -> int:
    sent = select(func.coalesce(func.sum(ParcelRow.grams), 0)).where(
        ParcelRow.trunk_id == trunk.id, ParcelRow.trunk_at == clock.on(day, trunk.dep_min), ParcelRow.status != ParcelStatus.CANCELLED
    )
    return int(session.exec(sent).one())


def _day(day: TrunkDay) -> date:
    """The service day: that of the cut-off, though the trunk may leave after midnight."""
    return clock.business_date(day.cutoff_at)
