"""Every scan is kept; what it says of a parcel is believed only of the place that has it or that it was bound for."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from core import clock
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.custody.bounds import Bound
from fulfillment.custody.chain import Seen, read_chain
from fulfillment.custody.models import Custody, Scan
from fulfillment.disruptions.models import Disruption
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.custody.test_scans import SCANS
from tests.fulfillment.shipping import TO, bus, event, packed, parcels_of, person, scan, ship, sold


def troubles(session: Session, parcel: Parcel) -> list[str]:
    """Kinds of what is open about a parcel."""
    rows = select(Disruption.kind).where(Disruption.subject_code == parcel.code, col(Disruption.closed_at).is_(None))
    return sorted(session.exec(rows))


def holder(session: Session, parcel: Parcel) -> str | None:
    return session.exec(select(Custody.holder_code).where(Custody.parcel_code == parcel.code, col(Custody.ended_at).is_(None))).first()


def planned(session: Session, county: SmallCounty, name: str = "tomato") -> tuple[Parcel, Departure]:
    """A packed parcel and the bus its plan gave it."""
    parcel = packed(session, county, name)
    plan_day(session, county.county, DAY)
    leg = session.exec(select(PlannedLeg).where(PlannedLeg.parcel_id == parcel.id)).one()
    return parcel, session.get_one(Departure, leg.departure_id)


@given(SCANS, st.randoms(), st.booleans())
def test_what_once_is_delivered_or_under_way_stays_so_whatever_is_told_later(facts: list[tuple], random, stays: bool) -> None:
    """So the rows, which are moved with every upload, end where all scans together say."""
    start = clock.midnight(clock.today())
    pack_first = Seen("e0", "station", 0, "pack", "v1", start)
    scans = [pack_first, *(Seen(*rest, at=start + timedelta(minutes=minute)) for *rest, minute in facts)]
    bound = Bound(tier="ambient", stays_here=stays, carriers=frozenset({"k1"}))
    ends = {"D1": start + timedelta(minutes=100), "D2": start + timedelta(minutes=300)}
    told = [scan for scan in scans if scan is pack_first or random.random() < 0.6]
    before, after = (read_chain(some, hubs={"hub"}, road_ends=ends, bound=bound).status for some in (told, scans))
    if before != "packed":
        assert after != "packed"
    if before == "delivered":
        assert after == "delivered"


@pytest.mark.parametrize("role", ["master", "helper"])
@pytest.mark.parametrize("deed", ["deliver", "lose", "return"])
def test_a_station_ends_no_road_of_a_parcel_it_does_not_have(session: Session, county: SmallCounty, role: str, deed: str) -> None:
    parcel, other = packed(session, county), county.stations[1].code
    (said,) = scan(session, county, event(deed, parcel, other), actor=person(county, role, "station", other))
    assert (said.result, said.code) == ("accepted", "wrong_place")
    assert said.words
    assert (parcel.status, holder(session, parcel)) == ("packed", county.stations[0].code)
    assert session.get_one(Consignment, parcel.consignment_id).status == "packed"
    assert troubles(session, parcel) == ["wrong_place"]
    assert len(session.exec(select(Scan).where(Scan.parcel_code == parcel.code)).all()) == 2, "the scan is kept"


def test_a_station_does_not_deliver_what_it_packed_for_another_county(session: Session, county: SmallCounty) -> None:
    parcel, here = packed(session, county), county.stations[0].code
    (said,) = scan(session, county, event("deliver", parcel, here), actor=person(county, "master", "station", here))
    assert (said.code, parcel.status) == ("wrong_place", "packed")


def test_a_station_delivers_what_it_is_bound_for_and_what_stays_in_the_county(session: Session, county: SmallCounty) -> None:
    to = TO._replace(zone="z0", to_node_id=county.stations[1].node_id)
    (made,) = ship(session, county, sold(session, county, "tomato", 1), to=to)
    pack(session, made, by="UMASTER")
    (bound,) = parcels_of(session, made)
    there = county.stations[1].code
    (said,) = scan(session, county, event("deliver", bound, there), actor=person(county, "helper", "station", there))
    assert (said.code, bound.status, troubles(session, bound)) == ("", "delivered", ["missing_scan"])
    (made,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0"))
    pack(session, made, by="UMASTER")
    (kept,) = parcels_of(session, made)
    here = county.stations[0].code
    scan(session, county, event("deliver", kept, here), actor=person(county, "master", "station", here))
    assert (kept.status, troubles(session, kept)) == ("delivered", [])


def test_a_carrier_delivers_on_its_own_trunks_only(session: Session, county: SmallCounty) -> None:
    post, cold = county.trunks
    parcel, firm = packed(session, county), person(county, "partner", "partner", post.carrier)
    hours = iter(range(1, 9))

    def said(deed: str, place: str) -> str:
        with clock.at(clock.now() + timedelta(hours=next(hours))):
            return scan(session, county, event(deed, parcel, place), actor=firm)[0].code

    assert [said("deliver", cold.code), said("return", county.stations[0].code)] == ["not_yours", "not_yours"]
    assert [said("lose", post.code), said("return", county.hub.code)] == ["wrong_place", "wrong_place"]
    assert parcel.status == "packed"
    assert said("deliver", post.code) == ""
    assert (parcel.status, troubles(session, parcel)) == ("delivered", ["missing_scan"])


def test_a_carrier_delivers_nothing_that_does_not_go_its_way(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0"))
    pack(session, made, by="UMASTER")
    (parcel,) = parcels_of(session, made)
    post = county.trunks[0]
    firm = person(county, "partner", "partner", post.carrier)
    assert scan(session, county, event("deliver", parcel, post.code), actor=firm)[0].code == "wrong_place"
    assert parcel.status == "packed"
    scan(session, county, event("dispatch", parcel, post.code))
    scan(session, county, event("deliver", parcel, post.code), actor=firm)
    assert parcel.status == "delivered", "it was given to them"


def test_what_a_carrier_brings_back_is_returned(session: Session, county: SmallCounty) -> None:
    parcel, post, hub = packed(session, county), county.trunks[0].code, county.hub.code
    now = clock.now()
    with clock.at(now + timedelta(hours=1)):
        steps = [("receive", hub), ("dispatch", post), ("return", hub)]
        scan(session, county, *[event(deed, parcel, place, at=now + timedelta(minutes=n)) for n, (deed, place) in enumerate(steps)])
    assert (parcel.status, holder(session, parcel)) == ("returned", hub)


def test_a_refused_delivery_is_believed_once_the_missing_scan_arrives(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0"))
    pack(session, made, by="UMASTER")
    (parcel,) = parcels_of(session, made)
    there, now = county.stations[1].code, clock.now()
    with clock.at(now + timedelta(hours=3)):
        scan(session, county, event("deliver", parcel, there, at=now + timedelta(hours=2)))
        assert (parcel.status, troubles(session, parcel)) == ("packed", ["wrong_place"])
        run = bus(session, county, direction="out", start=600)
        scan(session, county, event("load", parcel, run.code, at=now + timedelta(hours=1)))
        scan(session, county, event("unload", parcel, there, at=now + timedelta(minutes=90)))
    assert (parcel.status, troubles(session, parcel)) == ("delivered", [])


def test_a_driver_who_does_not_see_a_box_loses_nothing_that_lies_at_the_station(session: Session, county: SmallCounty) -> None:
    parcel, run = planned(session, county)
    driver = person(county, "driver", "line", county.lines[0].code)
    (said,) = scan(session, county, event("lose", parcel, run.code), actor=driver)
    assert (said.result, parcel.status, holder(session, parcel)) == ("accepted", "packed", county.stations[0].code)
    assert troubles(session, parcel) == ["missing"]
    with clock.at(clock.now() + timedelta(minutes=5)):
        scan(session, county, event("load", parcel, run.code), actor=driver)
        assert troubles(session, parcel) == [], "found after all"
    with clock.at(clock.now() + timedelta(minutes=9)):
        scan(session, county, event("lose", parcel, run.code), actor=driver)
    assert (parcel.status, troubles(session, parcel)) == ("lost", ["missing"])


def test_a_found_parcel_goes_on_and_its_consignment_with_it_in_whatever_order_the_scans_came(session: Session, county: SmallCounty) -> None:
    hub, post, now = county.hub.code, county.trunks[0].code, clock.now()
    told = []
    for n, order in enumerate([*permutations(range(3))]):
        (made,) = ship(session, county, sold(session, county, "tomato", 8))
        one, other = pack(session, made, by="UMASTER")
        road = [("receive", hub), ("dispatch", post), ("deliver", post)]
        with clock.at(now + timedelta(hours=5)):
            scan(session, county, *[event(deed, one, place, at=now + timedelta(minutes=m)) for m, (deed, place) in enumerate(road)])
            assert session.get_one(Consignment, made.id).status == "packed"
            steps = [("lose", county.stations[0].code, 10), ("receive", hub, 20), ("deliver", post, 30)]
            events = [event(deed, other, place, at=now + timedelta(minutes=m)) for deed, place, m in steps]
            if n == 0:
                scan(session, county, events[0])
                assert (other.status, session.get_one(Consignment, made.id).status) == ("lost", "lost")
            for k in order:
                scan(session, county, events[k])
        told.append((other.status, other.delivered_at, made.status, made.delivered_at, troubles(session, other)))
    assert set(map(str, told)) == {str(("delivered", now + timedelta(hours=5), "delivered", now + timedelta(hours=5), ["missing_scan"]))}


def test_wrong_hands_are_named_with_the_right_ones_and_forgotten_when_put_right(session: Session, county: SmallCounty) -> None:
    parcel, run = planned(session, county)
    post, cold = county.trunks
    right = next(t for t in (post, cold) if t.id == parcel.trunk_id)
    wrong = cold if right is post else post
    now = clock.now()
    with clock.at(now + timedelta(hours=8)):
        (said,) = scan(session, county, event("load", parcel, bus(session, county, start=1080).code, at=now + timedelta(minutes=5)))
        assert (said.result, said.code, said.words) == ("accepted", "wrong_place", "这件不交这里，该交1 路班车")
        assert troubles(session, parcel) == ["wrong_place"]
        scan(session, county, event("unload", parcel, county.stations[0].code, at=now + timedelta(minutes=6)))
        assert troubles(session, parcel) == []
        steps = [("load", run.code), ("unload", county.hub.code), ("dispatch", wrong.code)]
        events = [event(deed, parcel, place, at=now + timedelta(minutes=10 + n)) for n, (deed, place) in enumerate(steps)]
        said = scan(session, county, *events)[-1]
        assert (said.code, said.words) == ("wrong_place", f"这件不交这里，该交{right.name}")
        assert (parcel.status, holder(session, parcel)) == ("on_trunk", wrong.code), "whose hands it is in is a fact"
        (said,) = scan(session, county, event("dispatch", parcel, right.code, at=now + timedelta(minutes=20)))
        assert (said.code, troubles(session, parcel), holder(session, parcel)) == ("", [], right.code)


def test_a_parcel_in_the_hub_boards_no_bus_that_its_plan_does_not_name(session: Session, county: SmallCounty) -> None:
    parcel, run = planned(session, county)
    stray = bus(session, county, line=1, direction="out", start=1020)
    hours = iter(range(1, 9))

    def said(deed: str, place: str) -> str:
        with clock.at(clock.now() + timedelta(hours=next(hours))):
            return scan(session, county, event(deed, parcel, place))[0].code

    assert [said("load", run.code), said("unload", county.hub.code)] == ["", ""]
    assert [said("load", run.code), said("unload", county.hub.code), said("load", stray.code)] == ["wrong_place", "", "wrong_place"]


def test_what_must_be_cold_goes_with_nobody_who_cannot_keep_it_so(session: Session, county: SmallCounty) -> None:
    post = county.trunks[0]
    post.tiers = ["ambient"]
    run = bus(session, county)
    run.tiers = ["ambient"]
    session.add_all([post, run])
    session.flush()
    parcel = packed(session, county, "clam")
    said = scan(session, county, event("load", parcel, run.code), event("unload", parcel, county.hub.code))
    assert (said[0].code, said[0].words) == ("wrong_place", "这里带不了冷藏件，该交调度")
    assert scan(session, county, event("dispatch", parcel, post.code))[0].code == "wrong_place"


def test_a_cancelled_bus_takes_nothing_without_a_word(session: Session, county: SmallCounty) -> None:
    parcel, run = packed(session, county), bus(session, county)
    cancel_departure(session, county.id, run.code, reason="大雾", by="UOPS")
    (said,) = scan(session, county, event("load", parcel, run.code))
    assert (said.result, said.code, said.words) == ("accepted", "wrong_place", "这班车停了，这件该交调度")


def test_no_device_takes_the_name_of_a_packing(session: Session, county: SmallCounty) -> None:
    (made,) = ship(session, county, sold(session, county, "tea", 1))
    (waiting,) = parcels_of(session, made)
    other = packed(session, county)
    (said,) = scan(session, county, event("receive", other, county.hub.code, id=f"pack:{waiting.code}"))
    assert (said.result, said.code) == ("rejected", "id_reserved")
    assert pack(session, made, by="UMASTER") == [waiting]
