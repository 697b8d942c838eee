"""Each kind of disruption: what is foreseen is what is done, whom it does not concern keeps its place, and what was a mistake is undone."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.errors import Refused
from core.outbox import Outbox
from core.status import StatusMoved
from core.tasks import drain
from fulfillment.batching.from_database import read_waiting
from fulfillment.batching.late import foreseen_days, new_days
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.batching.repair import cost_of
from fulfillment.batching.service import for_ever, plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.before import standing_roads
from fulfillment.disruptions.better import BETTER, Worth, clearly_better
from fulfillment.disruptions.closures import AlreadyClosed, Span, current
from fulfillment.disruptions.deed import preview
from fulfillment.disruptions.kinds import CancelDeparture, DelayDeparture, RefuseBoxes, SuspendLine
from fulfillment.disruptions.lifting import AlreadyLifted, lift, run_after_all
from fulfillment.disruptions.models import Disruption
from fulfillment.manifests.models import Manifest
from fulfillment.manifests.service import issue
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from fulfillment.timetable.running import HasLeft
from fulfillment.timetable.service import open_days
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.disruptions.conftest import do, on
from tests.fulfillment.shipping import bus, event, packed, parcels_of, scan, ship, sold


def told() -> list[Outbox]:
    with db.reading() as session:
        return list(session.exec(select(Outbox).where(Outbox.topic == "message.send")))


def test_what_is_foreseen_parcel_by_parcel_is_what_is_done(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    one, other, run = two
    seen = preview(rows.county, CancelDeparture(run))
    assert (seen.parcels, seen.moved, {s.parcel for s in seen.shifts}) == (2, 2, {one, other})
    with db.reading() as session:
        assert [d.code for d in on(session, one)] == [run], "looking changes nothing"
    done = do(rows, CancelDeparture(run, "大雾"))
    assert done == {"departure": run, **seen.figures()}
    with db.reading() as session:
        for shift in seen.shifts:
            (bus_now,) = on(session, shift.parcel)
            assert bus_now.code != run
            assert f"{bus_now.starts_at.astimezone(clock.SHANGHAI):%H}" in shift.after
            assert shift.before
            assert shift.before != shift.after


def test_the_same_key_cancels_once_and_two_cannot_both(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    run = two[2]
    first = do(rows, CancelDeparture(run, "大雾"), key="k")
    assert do(rows, CancelDeparture(run, "大雾"), key="k") == first
    with pytest.raises(StatusMoved):
        do(rows, CancelDeparture(run, "大雾"))


def test_a_mistaken_cancellation_is_undone_until_the_bus_would_have_left(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    run = two[2]
    do(rows, CancelDeparture(run, "点错了"))
    with db.writing() as session:
        assert run_after_all(session, rows.county, run, by="U1").departures == 1
        with pytest.raises(StatusMoved):
            run_after_all(session, rows.county, run, by="U1")
    drain()
    with db.reading() as session:
        found = session.exec(select(Departure).where(Departure.code == run)).one()
        assert (found.status, found.note) == ("scheduled", "")
        assert not session.exec(select(Disruption).where(col(Disruption.closed_at).is_(None))).all()
        leaves = found.starts_at
    do(rows, CancelDeparture(run, "真停了"))
    with clock.at(leaves + timedelta(minutes=1)), db.writing() as session, pytest.raises(HasLeft):
        run_after_all(session, rows.county, run, by="U1")


def test_who_went_on_without_a_scan_keeps_no_place_on_a_cancelled_bus(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    gone, _, run = two
    with db.writing() as session:
        scan(session, rows, event("dispatch", gone, rows.trunks[0].code))
    do(rows, CancelDeparture(run, "大雾"))
    with db.reading() as session:
        assert on(session, gone) == []


def test_who_was_set_down_before_a_cancelled_bus_left_rides_on_by_its_other_legs(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    one, _, run = two
    with db.writing() as session:
        (leg,) = session.exec(select(PlannedLeg).join(Parcel).where(Parcel.code == one, col(PlannedLeg.voided_at).is_(None))).all()
        later = session.exec(select(Departure).where(Departure.code != run).order_by(col(Departure.id).desc())).first()
        assert later
        session.add(PlannedLeg(**{**leg.model_dump(exclude={"id"}), "position": 1, "departure_id": later.id}))
        code = later.code
    with clock.at(clock.now() + timedelta(minutes=1)), db.writing() as session:
        scan(session, rows, event("load", one, run))
        scan(session, rows, event("unload", one, rows.hub.code, at=clock.now() + timedelta(minutes=1)))
    do(rows, CancelDeparture(run, "大雾"))
    with db.reading() as session:
        assert [d.code for d in on(session, one)] == [code]
        left = select(PlannedLeg.position).join(Parcel).where(Parcel.code == one, col(PlannedLeg.voided_at).is_(None))
        assert session.exec(left).all() == [0], "legs that hold are numbered without a gap"


def test_a_delay_follows_the_vehicle_and_who_still_arrives_keeps_its_bus(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    one, _, run = two
    do(rows, DelayDeparture(run, 10, "修路"))
    with db.reading() as session:
        late = {d.code: d.delay_min for d in session.exec(select(Departure).where(Departure.delay_min > 0))}
        assert late[run] == 10
        assert [d.code for d in on(session, one)] == [run]
    assert told() == [], "the day is the same"
    do(rows, DelayDeparture(run, 0, "又准点了"))
    with db.reading() as session:
        assert not session.exec(select(Departure).where(Departure.delay_min > 0)).all(), "what it inherited goes with it"


def test_who_would_miss_its_trunk_by_a_delay_leaves_by_one_it_can_reach(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    one, other, run = two
    with db.reading() as session:
        before = {p.code: p.trunk_at for p in session.exec(select(Parcel))}
    effect = preview(rows.county, DelayDeparture(run, 400))
    assert (effect.parcels, effect.departures > 1) == (2, True), "the later runs of its vehicle are late with it"
    do(rows, DelayDeparture(run, 400, "水淹了路"))
    with db.reading() as session:
        for code in (one, other):
            parcel = session.exec(select(Parcel).where(Parcel.code == code)).one()
            (ride,) = on(session, code)
            assert parcel.trunk_at
            assert parcel.trunk_at > ride.ends_at + timedelta(minutes=ride.delay_min)
            assert parcel.trunk_at != before[code]


@pytest.mark.parametrize("minutes", [-1, 601])
def test_a_delay_beyond_reason_is_refused(rows: SmallCounty, two: tuple[str, str, str], minutes: int) -> None:
    with pytest.raises(Refused):
        preview(rows.county, DelayDeparture(two[2], minutes))


def test_a_suspended_line_runs_nothing_in_its_time_and_new_days_keep_to_it(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    line, until = rows.lines[0], clock.on(DAY + timedelta(days=5), 0)
    done = do(rows, SuspendLine(line.code, Span(clock.now(), until), "大风"))
    assert (done["line"], done["parcels"]) == (line.code, 2)
    with db.reading() as session:
        running = select(Departure).where(Departure.line_id == line.id, Departure.status != "cancelled")
        assert not [d for d in session.exec(running) if clock.now() <= d.starts_at < until]
    with db.writing() as session:
        open_days(session, rows.county, DAY + timedelta(days=4), DAY + timedelta(days=5))
    with db.reading() as session:
        later = session.exec(select(Departure).where(Departure.line_id == line.id, Departure.service_date >= DAY + timedelta(days=4))).all()
        assert {(d.service_date - DAY).days: d.status for d in later} == {4: "cancelled", 5: "scheduled"}
        (closure,) = current(session, rows.id)
    with pytest.raises(AlreadyClosed):
        do(rows, SuspendLine(line.code, Span(clock.now(), None), "再停"))
    with db.writing() as session:
        again = lift(session, rows.county, closure.code, by="U1")
    drain()
    with db.reading() as session:
        assert again.departures == len(closure.struck)
        assert {d.code for d in later if d.service_date == DAY + timedelta(days=4)} <= set(closure.struck)
        back = session.exec(select(Departure).where(Departure.line_id == line.id, Departure.status == "cancelled")).all()
        assert back == []


def test_a_full_bus_keeps_what_is_aboard_and_takes_nothing_more(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    aboard, waits, run = two
    with db.reading() as session:
        leaves = session.exec(select(Departure.starts_at).where(Departure.code == run)).one()
    with clock.at(leaves + timedelta(minutes=1)):
        with db.writing() as session:
            scan(session, rows, event("load", aboard, run))
        done = do(rows, RefuseBoxes(run, 0, (), "车满了"))
        assert (done["parcels"], done["moved"]) == (1, 1)
        with db.writing() as session:
            assert [d.code for d in on(session, aboard)] == [run]
            assert [d.code for d in on(session, waits)] != [run]
            plan_day(session, rows.county, DAY)
            assert [d.code for d in on(session, waits)] != [run], "later plans keep to it"


def test_one_refused_box_is_not_planned_onto_that_bus_again(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    refused, stays, run = two
    do(rows, RefuseBoxes(run, 0, (refused,), "太大"))
    with db.writing() as session:
        plan_day(session, rows.county, DAY)
        assert [d.code for d in on(session, stays)] == [run]
        assert [d.code for d in on(session, refused)] != [run]
        assert session.exec(select(Disruption).where(Disruption.kind == "refused", Disruption.subject_code == refused)).one()


def test_a_refusal_that_comes_late_leaves_aboard_what_was_taken_after_all(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    aboard, waits, run = two
    with db.reading() as session:
        leaves = session.exec(select(Departure.starts_at).where(Departure.code == run)).one()
    with clock.at(leaves + timedelta(minutes=1)):
        with db.writing() as session:
            scan(session, rows, event("load", aboard, run))
        done = do(rows, RefuseBoxes(run, 0, (aboard, waits), "装不下"), key="sent when there was network again")
        assert (done["parcels"], do(rows, RefuseBoxes(run, 0, (aboard, waits), "装不下"), key="sent when there was network again")) == (
            1,
            done,
        )
        with db.reading() as session:
            assert [d.code for d in on(session, aboard)] == [run]
            assert [d.code for d in on(session, waits)] != [run]
            assert session.exec(select(Disruption.subject_code).where(Disruption.kind == "refused")).all() == [waits]


def test_a_full_bus_that_is_not_full_takes_goods_again(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    run = two[2]
    with db.reading() as session:
        before = session.exec(select(Departure.cap_g, Departure.cap_ml, Departure.cap_boxes).where(Departure.code == run)).one()
    for reason in ("满了", "真的满了"):
        do(rows, RefuseBoxes(run, 0, (), reason))
    with db.writing() as session:
        (limit,) = current(session, rows.id)
        lift(session, rows.county, limit.code, by="U1")
        with pytest.raises(AlreadyLifted):
            lift(session, rows.county, limit.code, by="U1")
    with db.writing() as session:
        assert session.exec(select(Departure.cap_g, Departure.cap_ml, Departure.cap_boxes).where(Departure.code == run)).one() == before
        assert not session.exec(select(Disruption).where(Disruption.kind == "overfull", col(Disruption.closed_at).is_(None))).all()
        code = packed(session, rows, "tomato", 1).code
        plan_day(session, rows.county, DAY)
        assert [d.code for d in on(session, code)] == [run]


def test_manifests_of_every_departure_a_disruption_touches_are_revised(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    one, other, run = two
    with db.writing() as session:
        code = packed(session, rows, "tomato", 1).code
        plan_day(session, rows.county, DAY)
    done = do(rows, RefuseBoxes(run, 0, (code,), "太大"))
    assert done["moved"] == 1
    with db.writing() as session:
        (elsewhere,) = on(session, code)
        for departure in (session.exec(select(Departure).where(Departure.code == run)).one(), elsewhere):
            issue(session, departure)
    do(rows, CancelDeparture(run, "大雾"))
    with db.reading() as session:
        sheets = session.exec(select(Manifest).where(col(Manifest.voided_at).is_(None))).all()
        rides = {(d.id, c) for c in (one, other, code) for d in on(session, c)}
        assert {(m.departure_id, row[0]) for m in sheets for row in m.rows} <= rides
        gone = session.exec(select(Departure.id).where(Departure.code == run)).one()
        assert gone not in {m.departure_id for m in sheets}
        joined = [m for m in sheets if m.departure_id == elsewhere.id]
        assert [(m.revision, len(m.rows)) for m in joined] == [(2, 3)], "its neighbours joined it there"


def test_what_is_lost_before_its_bus_runs_stands_on_no_valid_manifest(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    gone, stays, run = two
    with db.writing() as session:
        (first,) = issue(session, session.exec(select(Departure).where(Departure.code == run)).one())
    with clock.at(clock.now() + timedelta(minutes=1)), db.writing() as session:
        scan(session, rows, event("lose", gone))
    with db.reading() as session:
        (sheet,) = session.exec(select(Manifest).where(col(Manifest.voided_at).is_(None))).all()
        assert (sheet.revision, [row[0] for row in sheet.rows]) == (first.revision + 1, [stays])


def test_a_buyer_hears_of_another_day_once_and_of_nothing_else(rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    from core import notify

    monkeypatch.setattr(notify, "can_send", lambda: True)
    with db.writing() as session:
        (consignment,) = ship(session, rows, sold(session, rows, "tomato", 1))
        plan_day(session, rows.county, DAY)
        (parcel,) = parcels_of(session, consignment)
        (run,) = on(session, parcel.code)
        code, number, promised = run.code, parcel.code, clock.business_date(consignment.deliver_by or parcel.due_at)
    with db.reading() as session:
        assert new_days(session, [number]) == []
        later = {number: clock.on(promised, 23 * 60)}
        assert foreseen_days(session, [number], later) == [], "an hour more is no message"
        ((_, was, day),) = foreseen_days(session, [number], {number: clock.on(promised + timedelta(days=2), 600)})
        assert (was, day) == (promised, promised + timedelta(days=2))
    with clock.at(clock.on(DAY, 15 * 60)), db.writing() as session:
        for departure in session.exec(select(Departure).where(Departure.service_date == DAY, Departure.code != code)):
            departure.cap_g = 0
            session.add(departure)
        board_changed(session, rows.id)
    done = do(rows, CancelDeparture(code, "大雾"))
    assert done["notified"] == len(told()) == 1
    with db.reading() as session:
        assert session.exec(select(Consignment.told_day)).one() == promised + timedelta(days=1)
        (other,) = on(session, number)
    do(rows, DelayDeparture(other.code, 5, "慢"))
    assert len(told()) == 1, "the same day again is no news"


@pytest.mark.parametrize(
    ("now", "new", "swaps"),
    [
        (Worth(10_000, 0, 0), Worth(9_600, 0, 0), False),  # 4 yuan
        (Worth(100_000, 0, 0), Worth(99_400, 0, 0), False),  # 0.6 %
        (Worth(100_000, 0, 0), Worth(98_900, 0, 0), True),
        (Worth(10_000, 2, 0), Worth(10_000, 1, 0), True),
        (Worth(10_000, 0, 1), Worth(9_990, 3, 0), True),
        (Worth(10_000, 0, 0), Worth(9_000, 1, 0), False),
        (Worth(10_000, 0, 0), Worth(5_000, 0, 1), False),
    ],
)
def test_only_what_is_clearly_better_is_swapped_in(now: Worth, new: Worth, swaps: bool) -> None:
    assert clearly_better(now, new) is swaps


def test_a_better_plan_is_found_in_the_background_and_nothing_is_swapped_for_nothing(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    one, other, run = two
    with db.writing() as session:
        for departure in session.exec(select(Departure).where(Departure.code != run)):
            departure.cap_g = 0
            session.add(departure)
        board_changed(session, rows.id)
    assert do(rows, CancelDeparture(run, "大雾"))["unplaced"] == 2
    drain()
    with db.writing() as session:
        assert not session.exec(select(BatchPlan).where(BatchPlan.because == BETTER)).all(), "there is none"
        run_after_all(session, rows.county, run, by="U1")
    drain()
    with db.reading() as session:
        assert session.exec(select(BatchPlan).where(BatchPlan.because == BETTER)).one()
        assert [d.code for c in (one, other) for d in on(session, c)] == [run, run]
        assert bus(session, rows)


def test_what_standing_roads_cost_is_what_the_plan_cost_and_nothing_of_others(rows: SmallCounty, two: tuple[str, str, str]) -> None:
    with db.writing() as session:
        packed(session, rows, "tea", 1)
        plan = plan_day(session, rows.county, DAY)
    with db.reading() as session:
        whole = read_waiting(session, rows.county, DAY, ready_before=for_ever(DAY))
        cost, late, without = cost_of(whole.instance, standing_roads(session, whole))
        assert (cost, late, without) == (pytest.approx(plan.cost_fen, abs=0.51), 0, 0)
        ids = [watched.id for code, watched in whole.watched.items() if code in two]
        among, alone = (read_waiting(session, rows.county, DAY, ready_before=for_ever(DAY), only=ids, alone=way) for way in (False, True))
        assert [p.id for p in alone.instance.parcels] == sorted(two[:2], key=list(whole.watched).index)
        own = cost_of(alone.instance, standing_roads(session, alone))[0]
        assert own == pytest.approx(cost_of(among.instance, standing_roads(session, among))[0] - among.fixed_fen)
        assert 0 < own < cost
