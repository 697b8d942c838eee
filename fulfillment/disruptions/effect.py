"""What a disruption does to its parcels, told before it is done and kept after."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from core import clock
from fulfillment.batching.answer import Plan
from fulfillment.batching.from_database import Waiting
from fulfillment.batching.late import foreseen_days
from fulfillment.batching.repair import Standing
from fulfillment.batching.roads import Roads
from fulfillment.consignments.models import Parcel
from supply.stations.models import Station

from .before import answer_in_words, in_words
from .extra import Offer


@dataclass(frozen=True, slots=True)
class Shift:
    """One parcel: its road before and after in words, or why it has none; `told` and `day` where its buyer's day changes."""

    parcel: str
    station: str
    before: str
    after: str
    reason: str = ""
    late: bool = False
    told: date | None = None
    day: date | None = None

    @property
    def stays(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Rescue:
    """An extra run that could be driven: what it costs, and what of the parcels' roads and lateness it would save."""

    offer: Offer
    late: int
    unplaced: int
    saves_fen: int

    @property
    def pays(self) -> bool:
        return self.saves_fen > self.offer.price_fen


@dataclass(frozen=True, slots=True)
class Effect:
    """`subject` is what is struck: a departure, line or station by its code. Costs are the model's: of the new roads, and how much
    more than the old ones (None where that was not reckoned)."""

    subject: str
    parcels: int = 0
    moved: int = 0
    late: int = 0
    unplaced: int = 0
    notified: int = 0
    cost_fen: int = 0
    more_fen: int | None = None
    shifts: tuple[Shift, ...] = ()
    departures: int = 0  # how many are struck, late or full
    rescue: Rescue | None = None

    @property
    def in_trouble(self) -> int:
        """Parcels that come late or have no road."""
        return self.late + self.unplaced

    def figures(self) -> dict[str, Any]:
        """What a call answers."""
        names = ("parcels", "moved", "late", "unplaced", "notified", "cost_fen")
        return {name: getattr(self, name) for name in names}


def foreseen(
    session: Session, subject: str, waiting: Waiting, answer: Plan, roads: Roads, before: Standing, *, before_fen: float, departures: int,
    moved: Collection[int] = (),
) -> Effect:  # fmt: skip
    """What a plan would do, with nothing written. `roads` and `before`: as they are now, and what that costs.

    moved: ids of consignments that are collected elsewhere, whose receivers are told of it.
    """
    mine = [p for p in answer.parcels if p.id in waiting.watched]
    arrivals = {p.id: None if p.arrives is None else waiting.roads.instant(p.arrives) for p in mine}
    late = {code for code, at in arrivals.items() if at is not None and at > waiting.watched[code].due_at}
    days = {d.consignment.id: d for d in foreseen_days(session, list(arrivals), arrivals)}
    rows = session.exec(
        select(col(Parcel.code), col(Parcel.consignment_id), col(Station.name))
        .join(Station, col(Station.node_id) == col(Parcel.station_id))
        .where(col(Parcel.code).in_(arrivals))
    )
    where = {code: (consignment, station) for code, consignment, station in rows}
    shifts = []
    for p in mine:
        consignment, station = where[p.id]
        changed = days.get(consignment)
        shifts.append(
            Shift(
                p.id, station, in_words(roads, *before.get(p.id, ((), None))), answer_in_words(waiting, p), p.reason or "",
                p.id in late, changed.told if changed else None, changed.day if changed else None,
            )
        )  # fmt: skip
    lost = sum(p.reason is not None for p in mine)
    cost = answer.cost_fen - waiting.fixed_fen
    return Effect(
        subject, len(mine), len(mine) - lost, len(late), lost, len({*days, *moved}), round(cost),
        round(cost - before_fen), tuple(sorted(shifts, key=_worst_first)), departures,
    )  # fmt: skip


def _worst_first(shift: Shift) -> tuple[bool, bool, bool, date, str]:
    return not shift.reason, not shift.late, shift.stays, shift.day or clock.today(), shift.parcel
