"""One scan of a turnover box moves every parcel in it, each with its own hand-over, and the box with them."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from core import clock, db
from fulfillment.boxes.models import Box
from fulfillment.boxes.service import register_boxes
from fulfillment.consignments.models import Parcel
from fulfillment.custody.boxed import BoxScan, read_track
from fulfillment.custody.chain import Seen, read_chain
from fulfillment.custody.models import Custody, Scan
from fulfillment.custody.places import Places
from fulfillment.custody.service import ScanEvent, record_scans
from fulfillment.disruptions.models import Disruption
from tests.broken import broken
from tests.county import SmallCounty
from tests.fulfillment.conftest import NINE
from tests.fulfillment.shipping import bus, event, packed, person, scan
from tests.fulfillment.web import county_with_roads, signed_in

MINUTE = timedelta(minutes=1)


def filled(session: Session, county: SmallCounty, parcels: int = 2) -> tuple[Box, list[Parcel]]:
    """A box at the first station with parcels in it."""
    here = county.stations[0].code
    (box,) = register_boxes(session, here, 1, tenant_id=county.id)
    goods = [packed(session, county) for _ in range(parcels)]
    told = scan(session, county, *[event("stow", p, here, box=box.code) for p in goods])
    assert [(o.result, o.code) for o in told] == [("accepted", "")] * parcels
    return box, goods


def held(session: Session, code: str) -> list[tuple[str, str, str]]:
    rows = session.exec(select(Custody).where(Custody.parcel_code == code).order_by(Custody.began_at, Custody.id))
    return [(c.holder_code, c.giver_code, c.box) for c in rows]


def open_ones(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(select(Disruption).where(col(Disruption.closed_at).is_(None)))
    return sorted((d.kind, d.subject_code) for d in rows)


def holds(session: Session) -> None:
    assert broken(session, "I6") == []


def test_one_scan_of_a_box_hands_over_each_parcel_in_it(session: Session, county: SmallCounty) -> None:
    box, goods = filled(session, county)
    loose, run, here = packed(session, county), bus(session, county), county.stations[0].code
    with clock.at(NINE + 500 * MINUTE):
        load = event("load", box.code, run.code, at=NINE + 400 * MINUTE)
        unload = event("unload", box.code, county.hub.code, at=NINE + 450 * MINUTE)
        assert [o.result for o in scan(session, county, load)] == ["accepted"]
        assert (box.place, box.since) == (run.code, NINE + 400 * MINUTE)
        assert {p.status for p in goods} == {"moving"} and loose.status == "packed"
        assert [o.result for o in scan(session, county, unload)] == ["accepted"]
    assert box.place == county.hub.code
    for parcel in goods:
        hub = county.hub.code
        assert held(session, parcel.code) == [(here, "", box.code), (run.code, here, box.code), (hub, run.code, box.code)]
        assert (
            session.exec(select(Custody.scan_event).where(Custody.parcel_code == parcel.code, Custody.holder_code == hub)).one()
            == unload.id
        )
        assert parcel.status == "at_hub"
    assert len(session.exec(select(Scan).where(Scan.box == box.code, Scan.parcel_code == "")).all()) == 2
    assert open_ones(session) == []
    holds(session)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[1::3])
def test_the_order_in_which_scans_of_a_box_arrive_does_not_matter(session: Session, county: SmallCounty, order: tuple[int, ...]) -> None:
    here, hub, run = county.stations[0].code, county.hub.code, bus(session, county).code
    (box,) = register_boxes(session, here, 1, tenant_id=county.id)
    first, second = packed(session, county), packed(session, county)
    deeds = [
        event("stow", first, here, box=box.code, at=NINE + 1 * MINUTE), event("stow", second, here, box=box.code, at=NINE + 2 * MINUTE),
        event("load", box.code, run, at=NINE + 400 * MINUTE), event("receive", box.code, hub, at=NINE + 450 * MINUTE),
    ]  # fmt: skip
    with clock.at(NINE + 500 * MINUTE):
        for n in order:
            scan(session, county, deeds[n])
            holds(session)
    for parcel in (first, second):
        assert held(session, parcel.code) == [(here, "", box.code), (run, here, box.code), (hub, run, box.code)]
    assert open_ones(session) == []


def test_a_box_scan_sent_again_counts_once_and_a_sequence_number_means_one_event(session: Session, county: SmallCounty) -> None:
    box, (parcel, _) = filled(session, county)
    run = bus(session, county).code
    load = event("load", box.code, run, device="gun", seq=7)
    assert [scan(session, county, load)[0].result for _ in range(3)] == ["accepted", "duplicate", "duplicate"]
    assert [h[0] for h in held(session, parcel.code)] == [county.stations[0].code, run]
    assert scan(session, county, event("unload", box.code, county.hub.code, device="gun", seq=7))[0].code == "seq_reused"
    assert scan(session, county, load.model_copy(update={"code": parcel.code}))[0].code == "id_reused"
    assert scan(session, county, event("load", parcel, run, device="gun", seq=7))[0].code == "seq_reused"


def test_what_a_box_cannot_do_is_refused_alone(session: Session, county: SmallCounty) -> None:
    box, (parcel, other) = filled(session, county)
    here, cold = county.stations[0].code, packed(session, county, "clam")
    wrong = box.code[:-1] + ("1" if box.code[-1] == "0" else "0")
    cases = [
        (event("load", wrong, bus(session, county).code), "not_a_parcel_code"),
        (event("load", "X0000000000000", bus(session, county).code), "box_unknown"),
        (event("deliver", box.code, here), "not_for_boxes"), (event("lose", box.code, here), "not_for_boxes"),
        (event("return", box.code, here), "not_for_boxes"), (event("load", box.code, "D0"), "place_unknown"),
        (event("stow", cold, here, box=box.code), "box_tier"), (event("stow", parcel, here), "box_needed"),
        (event("stow", parcel, here, box="9" * 4096), "box_needed"), (event("stow", parcel, county.trunks[0].code, box=box.code), "place_unknown"),
        (event("load", parcel, bus(session, county).code, box=box.code), "box_not_asked"), (event("stow", parcel, box=box.code), "place_unknown"),
    ]  # fmt: skip
    good = event("unstow", other, here)
    told = scan(session, county, *[e for e, _ in cases], good)
    assert [o.code for o in told] == [code for _, code in cases] + [""]
    assert all(o.words for o in told[:-1]) and box.place == here
    elsewhere = person(county, "driver", "line", county.lines[1].code)
    assert scan(session, county, event("load", box.code, bus(session, county).code), actor=elsewhere)[0].code == "not_your_trip"
    master = person(county, "master", "station", county.stations[1].code)
    assert scan(session, county, event("stow", parcel, here, box=box.code), actor=master)[0].code == "not_yours"


def test_two_vehicles_with_one_box_the_earlier_has_it_and_all_that_is_in_it(session: Session, county: SmallCounty) -> None:
    box, goods = filled(session, county)
    one, other = bus(session, county), bus(session, county, start=1080)
    with clock.at(one.starts_at + 30 * MINUTE):
        scan(session, county, event("load", box.code, other.code, at=one.starts_at + 9 * MINUTE))
        (said,) = scan(session, county, event("load", box.code, one.code, at=one.starts_at + 8 * MINUTE))
    assert said.result == "accepted"
    assert box.place == one.code and {held(session, p.code)[-1][0] for p in goods} == {one.code}
    assert open_ones(session) == [("wrong_place", box.code)]
    holds(session)


def test_a_parcel_that_is_not_where_the_box_is_is_not_in_it(session: Session, county: SmallCounty) -> None:
    box, _ = filled(session, county)
    far = packed(session, county, "bamboo")
    (said,) = scan(session, county, event("stow", far, county.stations[0].code, box=box.code))
    assert (said.result, said.code) == ("accepted", "wrong_place")
    scan(session, county, event("load", box.code, bus(session, county).code))
    assert far.status == "packed" and open_ones(session) == [("wrong_place", far.code)]


def test_what_is_scanned_by_itself_has_left_its_box_but_not_when_it_was_aboard_already(session: Session, county: SmallCounty) -> None:
    box, (one, two) = filled(session, county)
    run, hub, trunk = bus(session, county).code, county.hub.code, county.trunks[0].code
    with clock.at(NINE + 600 * MINUTE):
        scan(session, county, event("load", box.code, run, at=NINE + 400 * MINUTE), event("load", one, run, at=NINE + 401 * MINUTE))
        scan(session, county, event("unload", box.code, hub, at=NINE + 450 * MINUTE))
        assert {held(session, p.code)[-1] for p in (one, two)} == {(hub, run, box.code)}
        scan(session, county, event("dispatch", one, trunk, at=NINE + 460 * MINUTE), event("receive", two, hub, at=NINE + 461 * MINUTE))
        scan(session, county, event("load", box.code, bus(session, county, direction="out", start=1020).code, at=NINE + 480 * MINUTE))
    assert held(session, one.code)[-1] == (trunk, hub, "") and held(session, two.code)[-1] == (hub, run, "")
    assert two.status == "at_hub", "the box went back without it"
    holds(session)


def test_an_emptied_box_leaves_its_parcels_and_a_carrier_takes_a_whole_box_out(session: Session, county: SmallCounty) -> None:
    box, (one, _) = filled(session, county)
    other, (two, three) = filled(session, county)
    hub, trunk = county.hub.code, county.trunks[0].code
    with clock.at(NINE + 600 * MINUTE):
        for each in (box, other):
            scan(session, county, event("receive", each.code, hub, at=NINE + 400 * MINUTE))
        scan(
            session,
            county,
            event("unstow", box.code, hub, at=NINE + 401 * MINUTE),
            event("dispatch", other.code, trunk, at=NINE + 402 * MINUTE),
        )
        scan(session, county, event("receive", box.code, county.stations[0].code, at=NINE + 500 * MINUTE))
    assert held(session, one.code)[-1][0] == hub
    assert {held(session, p.code)[-1] for p in (two, three)} == {(trunk, hub, "")} and other.place == hub
    holds(session)


PLACES = Places(
    nodes={"hub", "v1", "v2"}, hubs={"hub"}, departures={"D1": "L", "D2": "L"},
    road_ends={"D1": NINE + 100 * MINUTE, "D2": NINE + 300 * MINUTE}, trunks={"k1": "post"},
)  # fmt: skip
SPOTS = st.sampled_from(["hub", "v1", "v2", "D1", "D2"])
OWN = st.one_of(
    st.tuples(st.sampled_from(["load"]), st.sampled_from(["D1", "D2"])),
    st.tuples(st.sampled_from(["unload", "receive", "return"]), st.sampled_from(["hub", "v1", "v2"])),
    st.tuples(st.sampled_from(["dispatch", "deliver", "lose"]), st.just("k1")), st.tuples(st.just("unstow"), SPOTS),
)  # fmt: skip
STAMP = st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 5), st.integers(0, 40), st.booleans())
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just(""), st.sampled_from(["X1", "X2"]), st.one_of(st.tuples(st.sampled_from(["receive", "unstow"]), SPOTS), st.just(("dispatch", "k1"))), STAMP),
        st.tuples(st.sampled_from(["P1", "P2"]), st.sampled_from(["X1", "X2"]), st.tuples(st.just("stow"), SPOTS), STAMP),
        st.tuples(st.sampled_from(["P1", "P2"]), st.just(""), OWN, STAMP),
    ),
    max_size=14,
)  # fmt: skip


@given(DEEDS, st.randoms())
def test_whatever_was_scanned_a_parcel_in_a_box_is_where_the_box_is(deeds, random) -> None:
    def made(n: int, box: str, deed: tuple[str, str], stamp: tuple[str, int, int, bool]) -> Seen:
        device, seq, tens, skewed = stamp
        action = "load" if deed == ("receive", deed[1]) and deed[1] in PLACES.departures else deed[0]
        at = NINE + tens * 10 * MINUTE
        return Seen(f"e{n}", device, seq, action, deed[1], at, at - n * MINUTE if skewed else at, at, skewed, box)

    def read(facts: list[tuple[str, Seen]]):
        tracks = {
            box: read_track([BoxScan(s, p) for p, s in facts if s.box == box], home="v1", places=PLACES) for box in ("X1", "X2")
        }  # fmt: skip
        packed_at = Seen("pack", "station", 0, "pack", "v1", NINE)
        return tracks, {
            parcel: read_chain(
                [packed_at, *(s for p, s in facts if p == parcel and not s.box)], hubs=PLACES.hubs, road_ends=PLACES.road_ends,
                moves=[move for box in ("X1", "X2") for move in tracks[box].moves_of(parcel)],
            )
            for parcel in ("P1", "P2")
        }  # fmt: skip

    facts = [(parcel, made(n, box, deed, stamp)) for n, (parcel, box, deed, stamp) in enumerate(deeds)]
    tracks, chains = read(facts)
    for chain in chains.values():
        held = chain.held
        assert all(b.giver == a.code and a.ended is not None and a.ended <= b.began for a, b in itertools.pairwise(held))
        if chain.box:
            assert chain.holder is not None and chain.holder.box == chain.box
            assert chain.holder.code == tracks[chain.box].place
        elif chain.holder:
            assert chain.holder.box == ""
    random.shuffle(facts)
    assert read(facts) == (tracks, chains), "the order of arrival does not matter"


def test_a_box_and_a_parcel_in_it_scanned_at_once_agree(database: str, nine: datetime) -> None:
    county = county_with_roads()
    with db.writing() as session:
        pairs = [(box.code, goods[0].code) for box, goods in (filled(session, county) for _ in range(4))]
        run, hub = bus(session, county).code, county.hub.code
    actor = person(county, "dispatcher")

    def sent(deed: ScanEvent) -> str:
        with clock.at(NINE + 600 * MINUTE):
            return db.run_write(lambda session: record_scans(session, [deed], actor=actor))[0].result

    deeds = [
        each
        for box, parcel in pairs
        for each in (
            event("load", box, run, at=NINE + 400 * MINUTE), event("receive", box, hub, at=NINE + 450 * MINUTE),
            event("receive", parcel, hub, at=NINE + 440 * MINUTE),
        )
    ]  # fmt: skip
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(sent, deeds)) == ["accepted"] * len(deeds)
    with db.reading() as session:
        assert {box.place for box in session.exec(select(Box))} == {hub}
        assert broken(session, "I6") == []


def test_an_upload_of_boxes_is_answered_like_one_of_parcels(database: str, nine: datetime) -> None:
    county = county_with_roads()
    with db.writing() as session:
        box, (parcel, _) = filled(session, county)
        codes, run = (box.code, parcel.code), bus(session, county).code
    gun = signed_in(county, "driver", "line", county.lines[0].code)
    body = {"events": [event("load", codes[0].lower(), run).model_dump(), event("load", "X1", run).model_dump()]}
    told = gun.post("/api/v1/scans", json=body).json()["items"]
    assert [(o["result"], o.get("code")) for o in told] == [("accepted", None), ("rejected", "not_a_parcel_code")]
    assert [o["result"] for o in gun.post("/api/v1/scans", json=body).json()["items"]] == ["duplicate", "rejected"]
    with db.reading() as session:
        assert session.exec(select(Parcel.status).where(Parcel.code == codes[1])).one() == "moving"
