"""Pieces of contracted zones are counted from scans: out where they were packed, in where their receiver comes to, once each."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from core import clock, db
from fulfillment.consignments.models import Parcel
from fulfillment.consignments.service import pack
from fulfillment.contracts.loading import load_contracts
from fulfillment.contracts.models import ContractNode, ContractZone, ZonePiece
from fulfillment.contracts.pieces import Term, pieces_of
from fulfillment.contracts.queries import by_firm, find_zone, months_shown, pieces_in, read_month, zones_of
from fulfillment.custody.chain import Held
from supply.counties.profile import profile_of
from supply.counties.service import found_county
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.contracts.zones import contract
from tests.fulfillment.shipping import TO, bus, event, packed, parcels_of, person, scan, ship, sold
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of


def counted(session: Session) -> list[tuple[str, str, str, int]]:
    rows = session.exec(select(ZonePiece, ContractZone).join(ContractZone).order_by(ZonePiece.id))
    return sorted((zone.operator, piece.parcel_code, piece.direction, piece.fee_fen) for piece, zone in rows)


def within(session: Session, county: SmallCounty, end: int) -> Parcel:
    """A packed parcel from 葛家 to another village of the county."""
    to = TO._replace(zone="z0", to_node_id=county.stations[end].node_id)
    (sent,) = ship(session, county, sold(session, county, "tomato", 1), to=to)
    return pack(session, sent, by="UMASTER")[0]


def ride(session: Session, county: SmallCounty, parcel: Parcel, *roads: tuple[str, str]) -> None:
    for action, place in roads:
        scan(session, county, event(action, parcel, place))


def test_a_piece_goes_out_with_the_scan_that_takes_it_from_its_village(session: Session, county: SmallCounty) -> None:
    contract(session, county, "邮政", county.stations[0], fee_fen=70)
    contract(session, county, "别家", county.stations[1])
    parcel = packed(session, county)
    assert counted(session) == [], "packed is not handed over"
    ride(session, county, parcel, ("load", bus(session, county).code))
    assert counted(session) == [("邮政", parcel.code, "out", 70)]
    ride(session, county, parcel, ("receive", county.hub.code), ("dispatch", county.trunks[0].code), ("deliver", county.trunks[0].code))
    assert counted(session) == [("邮政", parcel.code, "out", 70)], "whatever becomes of it, it is one piece"


def test_a_piece_comes_in_where_its_receiver_comes_to_and_not_where_it_passes(session: Session, county: SmallCounty) -> None:
    contract(session, county, "甲", county.stations[2], fee_fen=90)
    contract(session, county, "乙", county.stations[1])
    parcel = within(session, county, 2)
    ride(session, county, parcel, ("load", bus(session, county).code), ("unload", county.stations[1].code))
    assert counted(session) == [], "it only changes there"
    ride(session, county, parcel, ("load", bus(session, county, line=1).code), ("unload", county.stations[2].code))
    assert counted(session) == [("甲", parcel.code, "in", 90)]


def test_a_piece_within_one_zone_is_one_piece_and_between_two_one_of_each(session: Session, county: SmallCounty) -> None:
    contract(session, county, "甲", county.stations[0], county.stations[1])
    contract(session, county, "乙", county.stations[2], fee_fen=80)
    near, far = within(session, county, 1), within(session, county, 2)
    run = bus(session, county).code
    for parcel, end in ((near, 1), (far, 2)):
        ride(session, county, parcel, ("load", run), ("unload", county.stations[end].code), ("deliver", county.stations[end].code))
    assert counted(session) == sorted([("甲", near.code, "out", 60), ("甲", far.code, "out", 60), ("乙", far.code, "in", 80)])


def test_the_same_scans_again_and_in_any_order_count_once(session: Session, county: SmallCounty) -> None:
    contract(session, county, "甲", county.stations[0])
    parcel = packed(session, county)
    run, now = bus(session, county).code, clock.now()
    load, arrive = event("load", parcel, run, at=now), event("receive", parcel, county.hub.code, at=now + timedelta(minutes=1))
    with clock.at(now + timedelta(hours=1)):
        scan(session, county, arrive)
        (early,) = session.exec(select(ZonePiece)).all()
        assert early.scan_event == arrive.id, "that it is at the hub shows that it left"
        scan(session, county, load)
        scan(session, county, load, arrive)
    session.expire_all()
    (piece,) = session.exec(select(ZonePiece)).all()
    assert (piece.scan_event, piece.direction) == (load.id, "out")


def test_the_zone_of_the_day_counts(session: Session, county: SmallCounty) -> None:
    contract(session, county, "旧", county.stations[0], ends=DAY - timedelta(days=1))
    contract(session, county, "今", county.stations[0], starts=DAY, ends=DAY, fee_fen=65)
    contract(session, county, "新", county.stations[0], starts=DAY + timedelta(days=1), fee_fen=75)
    today, tomorrow = packed(session, county), packed(session, county)
    ride(session, county, today, ("load", bus(session, county).code))
    with clock.at(clock.now() + timedelta(days=1)):
        ride(session, county, tomorrow, ("load", bus(session, county, day=1).code))
    assert counted(session) == sorted([("今", today.code, "out", 65), ("新", tomorrow.code, "out", 75)])


def test_the_months_of_a_firm_add_up(session: Session, county: SmallCounty) -> None:
    contract(session, county, "甲", county.stations[0])
    contract(session, county, "甲", county.stations[2], fee_fen=90)
    for parcel in (within(session, county, 2), packed(session, county)):
        ride(session, county, parcel, ("load", bus(session, county).code))
    ride(session, county, parcel, ("receive", county.hub.code))
    (firm,) = by_firm(zones_of(session, county.id, read_month("2026-05")))
    assert (firm.operator, firm.out, firm.inward, firm.fee_fen) == ("甲", 2, 0, 120)
    assert by_firm(zones_of(session, county.id, read_month("2026-04")))[0].fee_fen == 0
    assert zones_of(session, county.id, read_month("2026-05"), firms={"乙"}) == []


NODES = ["a", "b", "c"]
MOVES = st.lists(st.sampled_from([("station", n) for n in NODES] + [("departure", "run"), ("hub", "hub"), ("carrier", "k")]), max_size=8)


@given(MOVES, st.sampled_from(["", *NODES]), st.booleans(), st.lists(st.sampled_from(NODES), min_size=3, max_size=3))
def test_however_a_parcel_travelled_no_zone_counts_it_twice_and_it_has_one_way_out_and_one_in(moves, end, delivered, owners) -> None:
    held = [Held(kind, code, "", f"e{n}", NINE + timedelta(minutes=n)) for n, (kind, code) in enumerate([("station", "a"), *moves])]
    terms = {node: [Term(NODES.index(zone), n, 60, None, None)] for n, (node, zone) in enumerate(zip(NODES, owners, strict=True))}
    found = pieces_of(held, terms, collected_at=end, is_delivered=delivered)
    assert len({piece.zone_id for piece in found}) == len(found) <= 2
    assert len({piece.direction for piece in found}) == len(found)
    assert bool(found) == bool(moves), "it has left its village, which lies in a zone"


def test_a_county_is_loaded_with_its_zones(session: Session) -> None:
    profile = profile_of("shengsi")
    loaded = found_county(session, profile, shelves=False)
    load_contracts(session, profile, loaded.county.id)
    zones = session.exec(select(ContractZone).order_by(ContractZone.position)).all()
    assert [(z.code, z.name, z.operator, z.per_piece_fen) for z in zones] == [
        (z.code, z.name, z.operator, z.per_piece_fen) for z in profile.contract_zones
    ]
    assert len(session.exec(select(ContractNode)).all()) == sum(len(z.nodes) for z in profile.contract_zones)


def made(database: str) -> tuple[SmallCounty, list[str]]:
    county = county_with_roads()
    with db.writing() as session:
        zones = [contract(session, county, firm, county.stations[n]).code for n, firm in enumerate(("甲快运", "乙快运"))]
    return county, zones


@pytest.fixture
def desk(database: str, nine: datetime) -> tuple[SmallCounty, list[str]]:
    return made(database)


def send(county: SmallCounty, pieces: int) -> list[str]:
    with db.writing() as session:
        (sent,) = ship(session, county, *(sold(session, county, "tomato", 1) for _ in range(pieces)))
        pack(session, sent, by="UMASTER")
        parcels = parcels_of(session, sent)
        scan(session, county, *(event("load", p, bus(session, county).code) for p in parcels), actor=person(county, "dispatcher"))
        return [p.code for p in parcels]


def test_the_page_and_the_call_say_the_same_and_every_piece_opens_to_its_parcel(desk: tuple[SmallCounty, list[str]]) -> None:
    county, (zone, other) = desk
    sent = send(county, 3)
    browser = signed_in(county, "dispatcher")
    page = browser.get("/ops/zones?month=2026-05").text
    assert "甲快运" in page and "乙快运" in page and f"/ops/zones/{zone}" in page and "葛家驿站" in page
    told = browser.get("/api/v1/contract-zones?month=2026-05").json()
    assert [(z["code"], z["pieces_out"], z["pieces_in"], z["fee_fen"]) for z in told["items"]] == [
        (zone, len(sent), 0, 60 * len(sent)), (other, 0, 0, 0),
    ]  # fmt: skip
    assert {f["operator"]: f["fee_fen"] for f in told["firms"]} == {"甲快运": 60 * len(sent), "乙快运": 0}
    opened = browser.get(f"/ops/zones/{zone}?month=2026-05").text
    assert all(f"/track/{code}" in opened for code in sent)
    pieces, cursor = [], ""
    while cursor is not None:
        answer = browser.get(f"/api/v1/contract-zones/{zone}/pieces?month=2026-05&limit=1{f'&cursor={cursor}' if cursor else ''}").json()
        pieces += answer["items"]
        cursor = answer["next"]
    assert sorted(p["parcel"] for p in pieces) == sorted(sent)
    assert {(p["direction"], p["node"], p["day"]) for p in pieces} == {("out", county.stations[0].code, DAY.isoformat())}
    assert "这个月还没有件" in browser.get(f"/ops/zones/{other}?month=2026-05").text


def test_a_firm_sees_its_own_zones_alone(desk: tuple[SmallCounty, list[str]]) -> None:
    county, (zone, other) = desk
    firm = signed_in(county, "partner", "partner", "乙快运")
    page = firm.get("/partner/zones?month=2026-05").text
    assert "乙快运" in page and "甲快运" not in page
    assert [firm.get(f"/partner/zones/{code}").status_code for code in (other, zone)] == [200, 404]
    assert [z["code"] for z in firm.get("/api/v1/contract-zones").json()["items"]] == [other]
    assert firm.get(f"/api/v1/contract-zones/{zone}/pieces").status_code == 404


@pytest.mark.parametrize("month", ["2026-13", "mai", "2026", "1999-01", "2026-05-01", "٢٠٢٦-05"])
def test_a_month_that_is_none_is_refused(desk: tuple[SmallCounty, list[str]], month: str) -> None:
    county, (zone, _) = desk
    browser = signed_in(county, "dispatcher")
    for path in ("/api/v1/contract-zones", f"/api/v1/contract-zones/{zone}/pieces", "/ops/zones", f"/ops/zones/{zone}"):
        answer = browser.get(path, params={"month": month})
        assert answer.status_code == 422 and "2026-05" in answer.text


def test_zones_and_pieces_are_read_in_as_many_queries_however_many(desk: tuple[SmallCounty, list[str]]) -> None:
    county, (code, _) = desk
    month = read_month("2026-05")

    def asked() -> list[int]:
        with db.reading() as session:
            zone = find_zone(session, person(county, "dispatcher"), code)
            deeds = (lambda: zones_of(session, county.id, month), lambda: pieces_in(session, zone, month))
            return [statements_of(deed) for deed in deeds]

    few = asked()
    send(county, 5)
    assert asked() == few == [2, 1]


def test_half_a_year_is_a_tap_away_and_the_asked_month_stands_among_it(nine: datetime) -> None:
    assert [m.text for m in months_shown(read_month("2026-05"))] == ["2026-05", "2026-04", "2026-03", "2026-02", "2026-01", "2025-12"]
    assert [m.text for m in months_shown(read_month("2024-02"))][-2:] == ["2025-12", "2024-02"]
    assert read_month("2025-12").after == date(2026, 1, 1)
