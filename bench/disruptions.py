"""How long a repair takes and whether anything is lost by it: random cancellations on a loaded county, one after the other.

Ninghai with its whole timetable and a thousand parcels and more made up over its stations, planned once; then `CANCELLED` departures
that carry goods, the busiest first, then at random. Timed is all that a dispatcher waits for: reading, the new roads, the
transaction. `python -m bench disruptions --write` keeps the table.
"""

import random
import sys
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from bench.rig import loaded, table
from core import clock, db
from core.codes import new_code
from core.permissions import Actor
from core.pii import seal
from fulfillment.batching.from_database import read_waiting
from fulfillment.batching.loads import by_segment, leg_loads
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.batching.repair import repair
from fulfillment.batching.service import for_ever, write_plan
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.deed import apply, preview
from fulfillment.disruptions.kinds import CancelDeparture
from fulfillment.network.models import Zone
from fulfillment.timetable.models import Departure
from supply.counties.models import County
from supply.stations.models import Station

PARCELS, CANCELLED = 1_200, 100


def main(folder: Path, *, databases: tuple[str, ...] = ("sqlite", "postgresql"), parcels: int = PARCELS) -> str:
    rows = [_measure(folder, database, parcels) for database in databases]
    head = [
        "database", "parcels waiting", "busiest departure, parcels", "its preview, s", "its repair, s", "repair p50, s", "p95, s",
        "worst, s", "moved", "without a road", "lost or doubled",
    ]  # fmt: skip
    return table(head, rows)


def _measure(folder: Path, database: str, parcels: int) -> list[str]:
    with loaded(database, folder, days=1, orders=5) as county_of_bench, county_of_bench.here(), clock.at(clock.on(clock.today(), 9 * 60)):
        with db.writing() as session:
            county = session.exec(select(County).where(County.code == "ninghai")).one()
            _fill(session, county, parcels)
        with db.reading() as session:
            waiting = read_waiting(session, county, clock.today(), ready_before=for_ever(clock.today()))
        with db.writing() as session:
            plan = BatchPlan(tenant_id=county.id, code=new_code("B"), service_date=clock.today(), asked_at=clock.now())
            session.add(plan)
            session.flush()
            write_plan(session, plan, waiting, repair(waiting.instance, seconds=120))
        return _cancel(county, database)


def _fill(session: Session, county: County, parcels: int) -> None:
    """Parcels of one consignment each, ready over the morning, for every zone outside the county."""
    rng = random.Random(1)
    stations = session.exec(select(Station.node_id).where(Station.tenant_id == county.id)).all()
    zones = session.exec(select(Zone.code).where(Zone.tenant_id == county.id, col(Zone.in_county).is_(False))).all()
    kept = session.exec(select(Consignment).limit(1)).one()
    now, made = clock.now(), []
    for n in range(parcels):
        fresh = Consignment(**{**kept.model_dump(exclude={"id"}), "code": f"CBENCH{n}", "source_code": f"BENCH{n}", "to_node_id": None})
        fresh.status, fresh.packed_at, fresh.delivered_at, fresh.deliver_by = "awaiting_pack", None, None, None
        for field in ("name", "phone", "detail"):
            setattr(fresh, f"{field}_sealed", seal("13900000000", f"consignment.{field}:{fresh.code}"))
        made.append(fresh)
    session.add_all(made)
    session.flush()
    rows = []
    for n, consignment in enumerate(made):
        ready = now + timedelta(minutes=rng.randint(0, 8 * 60))
        grams = rng.choice((800, 1_500, 3_000, 6_000, 12_000))
        rows.append(
            {
                "tenant_id": county.id, "code": f"JPBENCH{n:06d}", "consignment_id": consignment.id, "station_id": rng.choice(stations),
                "position": 1, "status": "expected", "tier": "chilled" if rng.random() < 0.15 else "ambient", "zone": rng.choice(zones),
                "grams": grams, "ml": grams * 2, "box_milli": max(1, grams // 25), "contents": [], "ready_at": ready,
                "due_at": ready + timedelta(days=4),
            }
        )  # fmt: skip
    session.execute(insert(Parcel), rows)


def _cancel(county: County, database: str) -> list[str]:
    desk = Actor(tenant_id=county.id, user_id=1, user_code="UBENCH", grants=frozenset({("dispatcher", "county", "")}))
    with db.reading() as session:
        before = session.exec(select(func.count()).select_from(Parcel)).one()
    rng, seconds, moved, lost = random.Random(2), list[float](), 0, 0
    seen, most, waiting = 0.0, 0, 0
    for n in range(CANCELLED):
        carrying = _carrying(county)
        if not carrying:
            break
        if n == 0:
            waiting = sum(carrying.values())
            code = max(carrying, key=lambda c: carrying[c])
            most, begun = carrying[code], time.perf_counter()
            preview(county, CancelDeparture(code))
            seen = time.perf_counter() - begun
        else:
            code = rng.choice(sorted(carrying))
        begun = time.perf_counter()
        done = apply(county, CancelDeparture(code, "大雾"), actor=desk, route=f"POST {code}")
        seconds.append(time.perf_counter() - begun)
        moved, lost = moved + done["moved"], lost + done["unplaced"]
    wrong = _wrong(before, county)
    busiest, ordered = seconds[0], sorted(seconds)
    p50, p95 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.95))
    figures = (f"{s:.2f}" for s in (seen, busiest, p50, p95, ordered[-1]))
    return [database, f"{waiting:,}", f"{most}", *figures, f"{moved:,}", f"{lost}", f"{wrong}"]


def _carrying(county: County) -> dict[str, int]:
    """Departures not left that parcels are planned on, and how many."""
    with db.reading() as session:
        rows = session.exec(
            select(Departure.code, func.count())
            .join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id))
            .where(
                Departure.tenant_id == county.id, col(PlannedLeg.voided_at).is_(None), col(Departure.status).in_(("scheduled", "open")),
                Departure.starts_at > clock.now(),
            )
            .group_by(Departure.code)
        )  # fmt: skip
        return dict(rows.all())


def _wrong(before: int, county: County) -> int:
    """Parcels gone or new, legs on cancelled departures, stretches fuller than they may be, parcels with two legs at one position."""
    with db.reading() as session:
        gone = abs(before - session.exec(select(func.count()).select_from(Parcel)).one())
        legs = select(func.count()).select_from(PlannedLeg).join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        struck = session.exec(legs.where(col(PlannedLeg.voided_at).is_(None), Departure.status == "cancelled")).one()
        room = {d.id: (d.cap_g, d.cap_boxes) for d in session.exec(select(Departure).where(Departure.tenant_id == county.id))}
        over = sum(
            load.grams > room[departure][0] or (room[departure][1] is not None and load.boxes > (room[departure][1] or 0))
            for (departure, _), load in by_segment(leg_loads(session, county.id)).items()
        )
        active = select(PlannedLeg.parcel_id).where(col(PlannedLeg.voided_at).is_(None)).group_by(PlannedLeg.parcel_id, PlannedLeg.position)
        doubled = len(session.exec(active.having(func.count() > 1)).all())
    return gone + struck + over + doubled


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), databases=("sqlite",)))
