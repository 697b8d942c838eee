"""I14: nothing planned onto a departure exceeds it, on any stretch."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from core.invariants import invariant, rule
from core.tenant import Tenant
from fulfillment.timetable.models import Departure

from .loads import by_segment, leg_loads
from .models import PlannedLeg


@invariant("I14", "planned load fits every stretch of its departure", tables=("planned_leg", "parcel", "departure"))
def loads_fit(session: Session) -> Iterable[str]:
    used = select(PlannedLeg.departure_id).where(col(PlannedLeg.voided_at).is_(None))
    departures = {d.id: d for d in session.exec(select(Departure).where(col(Departure.id).in_(used)))}
    for tenant_id in session.exec(select(Tenant.id)).all():
        for (departure_id, position), load in by_segment(leg_loads(session, tenant_id or 0)).items():
            run = departures[departure_id]
            chilled = run.cap_ml if run.cap_chilled_ml is None else run.cap_chilled_ml
            over = [
                f"{name} {carried} > {room}"
                for name, carried, room in (
                    ("grams", load.grams, run.cap_g), ("ml", load.ml, run.cap_ml), ("chilled ml", load.chilled_ml, chilled),
                    ("boxes", load.boxes, run.cap_boxes if run.cap_boxes is not None else load.boxes),
                )
                if carried > room
            ]  # fmt: skip
            if over:
                yield f"{run.code} from stop {position}: {', '.join(over)}"


@invariant("I14", "nothing is planned onto a cancelled departure", tables=("planned_leg", "departure", "parcel"))
def none_on_cancelled(session: Session) -> Iterable[str]:
    rows = (
        select(Departure.code)
        .join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id))
        .where(Departure.status == "cancelled", col(PlannedLeg.voided_at).is_(None))
        .distinct()
    )
    return session.exec(rows).all()


rule(
    "I8",
    "a plan that was asked for is solved or waits to be",
    broken="""
    SELECT b.code FROM batch_plan b WHERE b.status = 'solving' AND NOT EXISTS (
        SELECT 1 FROM outbox w WHERE w.tenant_id = b.tenant_id AND w.topic = 'plan.asked' AND w.key = b.code AND w.done_at IS NULL)
    """,
)

rule(
    "I14",
    "nobody's place is kept on a departure still to come for a parcel whose road has ended",
    broken="""
    SELECT p.code, p.status, d.code FROM planned_leg g JOIN parcel p ON p.id = g.parcel_id JOIN departure d ON d.id = g.departure_id
    WHERE g.voided_at IS NULL AND (p.status = 'cancelled' OR (p.status IN ('delivered', 'lost') AND d.status IN ('scheduled', 'open')))
    """,
)

rule(
    "I14",
    "what counties may send by a lane of the province adds up to no more than it carries",
    broken="""
    SELECT s.lane, s.day FROM lane_share s JOIN lane_day d ON d.lane = s.lane AND d.day = s.day
    GROUP BY s.lane, s.day, d.cap_g HAVING SUM(s.share_g) > d.cap_g AND SUM(s.share_g) > SUM(s.planned_g)
    """,
)
