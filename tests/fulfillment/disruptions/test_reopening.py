"""A closed station opens again, by hand or by its clock: what is collected next door comes home once, unless it is there already."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db, pii
from core.outbox import Outbox
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment
from fulfillment.disruptions.closing import CloseStation
from fulfillment.disruptions.closures import Span, current
from fulfillment.disruptions.lifting import AlreadyLifted, lift
from fulfillment.disruptions.models import Closure
from fulfillment.disruptions.tasks import end_closings
from supply.stations.models import Station
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.disruptions.accounting import everything
from tests.fulfillment.disruptions.conftest import do
from tests.fulfillment.shipping import TO, event, pack, parcels_of, scan, ship, sold
from tests.fulfillment.web import signed_in

HOURS = timedelta(hours=1)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Reads what the receiver was told, the first first."""
    from core import notify

    monkeypatch.setattr(notify, "can_send", lambda: True)

    def words() -> list[str]:
        with db.reading() as session:
            rows = session.exec(select(Outbox).where(Outbox.topic == "message.send").order_by(col(Outbox.id)))
            return [pii.unseal(row.payload["words"], row.payload["context"]) for row in rows]

    return words


@pytest.fixture
def parcel(rows: SmallCounty) -> str:
    """One that is to be collected at the second village."""
    with db.writing() as session:
        to = TO._replace(zone="z0", to_node_id=rows.stations[1].node_id)
        (consignment,) = ship(session, rows, sold(session, rows, "tomato", 1), to=to)
        pack(session, consignment, by="UMASTER")
        plan_day(session, rows.county, DAY)
        return parcels_of(session, consignment)[0].code


def places(rows: SmallCounty) -> list[Station]:
    """The villages, the goods' own first, and the township's station."""
    return [*rows.stations, rows.township_station]


def close(rows: SmallCounty, here: int, there: int, *, hours: int | None = 2) -> str:
    """A village's closing from now on, with another in its place; its code."""
    ends = None if hours is None else clock.now() + hours * HOURS
    do(rows, CloseStation(places(rows)[here].code, Span(clock.now(), ends), "停电", places(rows)[there].code))
    with db.reading() as session:
        return current(session, rows.id)[-1].code


def collected_at(rows: SmallCounty) -> int:
    with db.reading() as session:
        node = session.exec(select(Consignment.to_node_id)).one()
        return [station.node_id for station in places(rows)].index(node or 0)


def reopen(rows: SmallCounty, codes: Sequence[str]) -> list[int]:
    """Lift these one after the other; where the parcel is collected after each."""
    seen = []
    for code in codes:
        with db.writing() as session:
            lift(session, rows.county, code, by="U1")
        seen.append(collected_at(rows))
    return seen


def test_a_closing_that_ends_by_its_clock_brings_home_what_is_collected_next_door_once(rows: SmallCounty, parcel: str, told) -> None:  # type: ignore[no-untyped-def]
    code = close(rows, 1, 2)
    end_closings()
    assert collected_at(rows) == 2, "its time is not over"
    with clock.at(clock.now() + 2 * HOURS):
        end_closings()
        assert collected_at(rows) == 1
        with db.reading() as session:
            closure = session.exec(select(Closure)).one()
            assert (closure.lifted_by, closure.lifted_at) == ("clock", clock.now())
            before = everything(session)
        end_closings()
        with db.reading() as session:
            assert everything(session) == before, "once"
        with db.writing() as session, pytest.raises(AlreadyLifted):
            lift(session, rows.county, code, by="U1")
    assert [("到海头驿站取" in words, "重新开站" in words) for words in told()] == [(False, False), (True, True)]


def test_two_that_are_over_end_each_though_the_roads_moved_under_one(
    rows: SmallCounty, parcel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fulfillment.batching.service import RoadsMoved
    from fulfillment.disruptions import tasks

    first, second = close(rows, 1, 2, hours=1), close(rows, 0, 2)
    end = tasks.end_by_clock

    def moved(session, county, code):  # type: ignore[no-untyped-def]
        if code == first:
            raise RoadsMoved("刚刚变了")
        return end(session, county, code)

    with clock.at(clock.now() + 3 * HOURS):
        with monkeypatch.context() as patch:
            patch.setattr(tasks, "end_by_clock", moved)
            end_closings()
        with db.reading() as session:
            assert session.exec(select(Closure.code).where(Closure.lifted_by == "clock")).all() == [second]
        end_closings()
        assert collected_at(rows) == 1


def test_what_went_next_door_already_stays_there_and_its_receiver_hears_so(rows: SmallCounty, parcel: str, told) -> None:  # type: ignore[no-untyped-def]
    close(rows, 1, 2)
    with clock.at(clock.now() + HOURS):
        with db.writing() as session:
            scan(session, rows, event("unload", parcel, rows.stations[2].code))
        assert "1 单已经送往山前驿站，留在那里取" in signed_in(rows, "dispatcher").get("/ops/closures").text
    with clock.at(clock.now() + 2 * HOURS):
        end_closings()
        end_closings()
    assert collected_at(rows) == 2
    assert [words for words in told() if "重新开站" in words] == ["海头驿站重新开站了，您的包裹已经送往山前驿站，还请到山前驿站取。"]


def test_calls_say_how_many_come_home_and_how_many_stay(rows: SmallCounty, parcel: str) -> None:
    code = close(rows, 1, 2)
    desk = signed_in(rows, "dispatcher")
    assert "重新开站，1 单回本站取" in desk.get("/ops/closures").text
    answer = desk.delete(f"/api/v1/closures/{code}").json()
    assert (answer["back"], answer["stay"], answer["departures"]) == (1, 0, 0)


@pytest.mark.parametrize(("order", "homes"), [((0, 1), [1, 1]), ((1, 0), [2, 1])])
def test_what_two_closings_sent_on_one_after_the_other_comes_home_in_whatever_order_they_end(
    rows: SmallCounty, parcel: str, order: tuple[int, int], homes: list[int]
) -> None:
    codes = (close(rows, 1, 2), close(rows, 2, 3))
    assert collected_at(rows) == 3
    assert reopen(rows, [codes[n] for n in order]) == homes


def test_what_came_home_by_one_closing_is_not_sent_away_by_the_end_of_another(rows: SmallCounty, parcel: str) -> None:
    first = close(rows, 1, 2, hours=1)
    later = Span(clock.now() + 5 * HOURS, None)
    do(rows, CloseStation(rows.stations[2].code, later, "停电", rows.stations[1].code))
    assert collected_at(rows) == 1
    with db.reading() as session:
        (second,) = {c.code for c in current(session, rows.id)} - {first}
    assert reopen(rows, [first, second]) == [1, 1]
