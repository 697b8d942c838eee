"""Plans on the database: capacity-true on every stretch, honest about what has no road, and safe to make again."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock, db
from core.errors import Refused
from core.tasks import drain
from fulfillment.batching.child import solve_apart
from fulfillment.batching.from_database import read_waiting
from fulfillment.batching.loads import by_segment, leg_loads
from fulfillment.batching.models import BatchPlan, PlannedLeg, Unplaced
from fulfillment.batching.roads import read_roads
from fulfillment.batching.service import RoadsMoved, ask_plan, plan_day, write_plan
from fulfillment.batching.solve import solve
from fulfillment.disruptions.models import Disruption
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import bus, event, packed, parcels_of, scan, ship, sold


def active(session: Session, parcel) -> list[tuple[int, int, int]]:
    rows = select(PlannedLeg).where(PlannedLeg.parcel_id == parcel.id, col(PlannedLeg.voided_at).is_(None)).order_by(PlannedLeg.position)
    return [(leg.departure_id, leg.board, leg.alight) for leg in session.exec(rows)]


def squeeze(session: Session, grams: int, boxes: int | None = None) -> None:
    for departure in session.exec(select(Departure)):
        departure.cap_g, departure.cap_boxes = grams, boxes
        session.add(departure)
    session.flush()


def test_waiting_parcels_are_put_on_buses_and_a_trunk(session: Session, county: SmallCounty) -> None:
    made = ship(session, county, sold(session, county, "tomato", 3), sold(session, county, "clam", 2), sold(session, county, "bamboo", 1))
    plan = plan_day(session, county.county, DAY)
    assert (plan.status in ("optimal", "feasible"), plan.placed, plan.unplaced, plan.late) == (True, 3, 0, 0)
    assert 0 < plan.bound_fen <= plan.cost_fen
    for consignment in made:
        (parcel,) = parcels_of(session, consignment)
        assert parcel.trunk_id in {t.id for t in county.trunks}
        assert parcel.arrives_at
        assert parcel.arrives_at <= parcel.due_at
        ((departure_id, board, alight),) = active(session, parcel)
        run = session.get(Departure, departure_id)
        assert run
        assert run.starts_at > clock.now()
        assert board < alight


def test_no_stretch_carries_more_than_it_may(session: Session, county: SmallCounty) -> None:
    squeeze(session, 20_000, 1)
    for _ in range(8):
        ship(session, county, sold(session, county, "tomato", 4))
    plan = plan_day(session, county.county, DAY)
    assert plan.placed + plan.unplaced == 8
    segments = by_segment(leg_loads(session, county.id))
    assert segments
    assert max(s.grams for s in segments.values()) <= 20_000
    assert max(s.boxes for s in segments.values()) <= 1


def test_what_has_no_road_has_a_reason_and_waits_in_the_open(session: Session, county: SmallCounty) -> None:
    for departure in session.exec(select(Departure)):
        departure.tiers = ["ambient"]
        session.add(departure)
    (made,) = ship(session, county, sold(session, county, "clam", 1))
    plan = plan_day(session, county.county, DAY)
    (left,) = session.exec(select(Unplaced).where(Unplaced.plan_id == plan.id)).all()
    assert left.reason == "no_cold_path"
    (parcel,) = parcels_of(session, made)
    waiting = session.exec(select(Disruption).where(Disruption.subject_code == parcel.code)).one()
    assert (waiting.kind, waiting.closed_at, parcel.trunk_id) == ("unplaced", None, None)
    for departure in session.exec(select(Departure)):
        departure.tiers = ["ambient", "chilled"]
        session.add(departure)
    board_changed(session, county.id)
    assert plan_day(session, county.county, DAY).placed == 1
    session.refresh(waiting)
    assert waiting.closed_at


def test_the_same_plan_again_moves_nobody_and_counts_nothing_twice(session: Session, county: SmallCounty) -> None:
    parcels = [packed(session, county, "tomato", 2) for _ in range(3)]
    plan_day(session, county.county, DAY)
    before = [active(session, p) for p in parcels]
    again = plan_day(session, county.county, DAY)
    assert [active(session, p) for p in parcels] == before
    assert again.facts["moved"] == 0
    assert sum(load.parcels for load in leg_loads(session, county.id)) == 3


def test_a_parcel_on_its_bus_stays_there(session: Session, county: SmallCounty) -> None:
    parcel = packed(session, county)
    plan_day(session, county.county, DAY)
    ((departure_id, board, alight),) = active(session, parcel)
    run = session.get(Departure, departure_id)
    assert run
    with clock.at(run.starts_at + timedelta(minutes=20)):
        scan(session, county, event("load", parcel, run.code))
        plan_day(session, county.county, DAY)
    assert active(session, parcel) == [(departure_id, board, alight)]


def test_a_missed_bus_is_planned_anew_and_one_at_the_hub_needs_no_bus(session: Session, county: SmallCounty) -> None:
    missed, arrived = packed(session, county), packed(session, county)
    plan_day(session, county.county, DAY)
    ((departure_id, _, _),) = active(session, missed)
    run = session.get(Departure, departure_id)
    assert run
    with clock.at(run.ends_at + timedelta(minutes=5)):
        scan(session, county, event("load", arrived, run.code, at=run.starts_at), event("unload", arrived, county.hub.code, at=run.ends_at))
        plan_day(session, county.county, DAY)
        assert active(session, missed)[0][0] != departure_id
        assert active(session, arrived) == [(departure_id, *active(session, arrived)[0][1:])]
        assert arrived.trunk_id


def test_only_what_the_wave_can_take_is_planned(session: Session, county: SmallCounty) -> None:
    packed(session, county)
    late = ship(session, county, sold(session, county, "tea", 1))[0]
    (parcel,) = parcels_of(session, late)
    parcel.ready_at = clock.on(DAY, 18 * 60)
    session.add(parcel)
    session.flush()
    assert plan_day(session, county.county, DAY, "1700").placed == 1
    assert plan_day(session, county.county, DAY, "2000").placed == 2


@pytest.mark.parametrize("wave", ["1701", "17:00", "", "abcd", "２000", "9999"])
def test_a_wave_is_a_cut_off_of_a_trunk(session: Session, county: SmallCounty, wave: str) -> None:
    if not wave:
        assert ask_plan(session, county.county, DAY).wave == ""
        return
    with pytest.raises(Refused):
        ask_plan(session, county.county, DAY, wave=wave)


def test_what_others_were_given_is_not_given_again(session: Session, county: SmallCounty) -> None:
    squeeze(session, 9_000)
    first = [packed(session, county, "tomato", 3)]
    plan_day(session, county.county, DAY, "1700")
    ((taken, _, _),) = active(session, first[0])
    other = packed(session, county, "tomato", 3)
    waiting = read_waiting(session, county.county, DAY, only=[other.id or 0])
    answer = solve(waiting.instance)
    plan = BatchPlan(tenant_id=county.id, code="B1", service_date=DAY, asked_at=clock.now())
    session.add(plan)
    session.flush()
    write_plan(session, plan, waiting, answer)
    assert active(session, other)[0][0] != taken


def test_a_plan_solved_on_old_roads_is_not_written(session: Session, county: SmallCounty) -> None:
    parcel = packed(session, county)
    waiting = read_waiting(session, county.county, DAY)
    answer = solve(waiting.instance)
    cancel_departure(session, county.id, bus(session, county).code, reason="塌方", by="U1")
    plan = ask_plan(session, county.county, DAY, by="U1")
    with pytest.raises(RoadsMoved):
        write_plan(session, plan, waiting, answer)
    assert active(session, parcel) == []


def test_a_plan_asked_for_is_solved_in_a_child_after_the_commit(database: str, nine) -> None:
    import shop.wiring  # noqa: F401 - who answers what
    from fulfillment.timetable.service import open_days
    from tests.county import small_county

    with db.writing() as session:
        county = small_county(session)
        open_days(session, county.county, DAY, DAY + timedelta(days=3))
        packed(session, county)
        plan = ask_plan(session, county.county, DAY, by="UX")
        assert plan.status == "solving"
    drain()
    with db.reading() as session:
        done = session.exec(select(BatchPlan).where(BatchPlan.code == plan.code)).one()
        assert (done.status, done.placed, done.asked_by) == ("optimal", 1, "UX")


def test_the_child_answers_as_the_parent_would(session: Session, county: SmallCounty) -> None:
    for _ in range(3):
        packed(session, county, "tomato", 2)
    instance = read_waiting(session, county.county, DAY).instance
    here, there = solve(instance), solve_apart(instance)
    assert (there.parcels, there.cost_fen, there.bound_fen) == (here.parcels, here.cost_fen, here.bound_fen)


def test_a_timetable_is_read_once_while_it_stands_still(session: Session, county: SmallCounty) -> None:
    board_changed(session, county.id)
    four, one = (read_roads(session, county.id, DAY, days) for days in (4, 1))
    assert read_roads(session, county.id, DAY, 4) is four
    packed(session, county)
    plan_day(session, county.county, DAY)
    assert read_roads(session, county.id, DAY, 1) is one, "a plan changes loads, not the timetable"
    board_changed(session, county.id)
    anew = read_roads(session, county.id, DAY, 1)
    assert anew is not one
    assert (anew.departures, anew.trunks, anew.rides, anew.trunk_days, anew.last) == (
        one.departures, one.trunks, one.rides, one.trunk_days, one.last,
    )  # fmt: skip
    cancel_departure(session, county.id, bus(session, county).code, reason="桥断了", by="U1")
    assert len(read_roads(session, county.id, DAY, 1).departures) == len(one.departures) - 1
