"""Scans are kept once, in any order, and say who answers for a parcel."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sql
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from core import clock
from core.errors import Refused
from core.outbox import Outbox
from fulfillment.consignments.models import Consignment
from fulfillment.custody.chain import Seen, read_chain
from fulfillment.custody.models import Custody, Scan
from fulfillment.custody.service import ScanEvent
from fulfillment.disruptions.models import Disruption
from tests.county import SmallCounty
from tests.fulfillment.shipping import bus, event, packed, person, scan


def road(session: Session, county: SmallCounty) -> tuple[object, list[ScanEvent]]:
    """A packed parcel and its whole way: bus, hub, trunk, delivered."""
    parcel, run, trunk = packed(session, county), bus(session, county), county.trunks[0].code
    begin = clock.now()
    steps = [("load", run.code), ("unload", county.hub.code), ("receive", county.hub.code), ("dispatch", trunk), ("deliver", trunk)]
    return parcel, [event(action, parcel, place, at=begin + timedelta(minutes=n + 1)) for n, (action, place) in enumerate(steps)]


def custody(session: Session, code: str) -> list[tuple[str, str, str, bool]]:
    rows = session.exec(select(Custody).where(Custody.parcel_code == code).order_by(Custody.began_at, Custody.id))
    return [(c.holder_kind, c.holder_code, c.giver_code, c.ended_at is None) for c in rows]


def later(hours: int = 12):
    return clock.at(clock.now() + timedelta(hours=hours))


def test_scans_carry_a_parcel_from_station_to_buyer(session: Session, county: SmallCounty) -> None:
    parcel, events = road(session, county)
    statuses = []
    with later():
        for each in events:
            assert [o.result for o in scan(session, county, each)] == ["accepted"]
            statuses.append(parcel.status)
    assert statuses == ["moving", "at_hub", "at_hub", "on_trunk", "delivered"]
    assert custody(session, parcel.code) == [
        ("station", county.stations[0].code, "", False),
        ("departure", bus(session, county).code, county.stations[0].code, False),
        ("hub", county.hub.code, bus(session, county).code, False),
        ("carrier", county.trunks[0].code, county.hub.code, False),
    ]
    consignment = session.get(Consignment, parcel.consignment_id)
    assert consignment
    assert (consignment.status, consignment.delivered_at) == ("delivered", clock.now() + timedelta(minutes=5))
    assert session.exec(select(Outbox.key).where(Outbox.topic == "parcel.delivered")).all() == [parcel.code]
    assert session.exec(select(Disruption)).all() == []


def test_a_batch_sent_three_times_counts_once(session: Session, county: SmallCounty) -> None:
    parcel, events = road(session, county)
    with later():
        assert {o.result for o in scan(session, county, *events)} == {"accepted"}
        before = custody(session, parcel.code)
        for _ in range(2):
            assert {o.result for o in scan(session, county, *events)} == {"duplicate"}
    assert custody(session, parcel.code) == before
    assert len(session.exec(select(Scan).where(Scan.parcel_code == parcel.code)).all()) == 6
    assert len(session.exec(select(Outbox).where(Outbox.topic == "parcel.delivered")).all()) == 1


@pytest.mark.parametrize("order", [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 4, 0, 3, 2]])
def test_the_order_of_arrival_does_not_matter(session: Session, county: SmallCounty, order: list[int]) -> None:
    straight, events = road(session, county)
    shuffled, others = road(session, county)
    with later():
        scan(session, county, *events)
        for n in order:
            scan(session, county, others[n])
    assert [h[:3] for h in custody(session, shuffled.code)] == [h[:3] for h in custody(session, straight.code)]
    assert shuffled.status == straight.status == "delivered"
    assert shuffled.delivered_at == straight.delivered_at
    assert [d for d in session.exec(select(Disruption)) if d.closed_at is None] == []


NODES, DEPARTURES, TRUNKS = ["hub", "v1", "v2"], ["D1", "D2"], ["k1", "k2"]
PLACES = {
    "load": DEPARTURES, "unload": NODES, "receive": NODES, "return": NODES, "dispatch": TRUNKS,
    "deliver": ["", *NODES, *DEPARTURES, *TRUNKS], "lose": ["", *NODES, *DEPARTURES, *TRUNKS],
}  # fmt: skip
DEEDS = [(deed, place) for deed, places in PLACES.items() for place in places]  # what the desk lets in
SCANS = st.lists(
    st.builds(
        lambda n, device, deed, minute: (f"e{n}", device, n, *deed, minute),
        st.integers(1, 10**6), st.sampled_from(["a", "b"]), st.sampled_from(DEEDS), st.integers(0, 600),
    ),
    max_size=9, unique_by=lambda s: s[0],
)  # fmt: skip


@given(SCANS, st.randoms())
def test_custody_is_a_function_of_the_set_of_scans(facts: list[tuple], random) -> None:
    start = clock.midnight(clock.today())
    scans = [Seen(*rest, at=start + timedelta(minutes=minute)) for *rest, minute in facts]
    ends = {"D1": start + timedelta(minutes=100), "D2": start + timedelta(minutes=300)}
    first = read_chain(scans, hubs={"hub"}, road_ends=ends)
    mixed = scans + scans[: len(scans) // 2]
    random.shuffle(mixed)
    again = read_chain(set(mixed), hubs={"hub"}, road_ends=ends)
    assert again == first
    assert sum(h.ended is None for h in first.held) <= 1
    assert all(b.giver == a.code and a.ended is not None and a.ended <= b.began for a, b in zip(first.held, first.held[1:], strict=False))
    if first.status == "delivered":
        assert first.holder is None


def test_delivered_without_being_received_is_kept_and_the_gap_is_shown(session: Session, county: SmallCounty) -> None:
    parcel, events = road(session, county)
    with later():
        assert scan(session, county, events[3])[0].result == "accepted"
        gaps = session.exec(select(Disruption).where(Disruption.subject_code == parcel.code)).all()
        assert [(d.kind, d.closed_at) for d in gaps] == [("missing_scan", None)]
        assert len(custody(session, parcel.code)) == 2  # never invented
        scan(session, county, events[0], events[1])
    assert gaps[0].closed_at


def test_two_drivers_with_one_parcel_the_earlier_holds_it(session: Session, county: SmallCounty) -> None:
    parcel = packed(session, county)
    one, other, at = bus(session, county), bus(session, county, start=1080), clock.now()
    with later():
        scan(session, county, event("load", parcel, other.code, at=at + timedelta(minutes=9)))
        scan(session, county, event("load", parcel, one.code, at=at + timedelta(minutes=8)))
    assert custody(session, parcel.code)[-1][1] == one.code
    assert [d.kind for d in session.exec(select(Disruption))] == ["wrong_place"]


@pytest.mark.parametrize("days", [-3, 3])
def test_a_wrong_device_clock_is_corrected_and_flagged(session: Session, county: SmallCounty, days: int) -> None:
    parcel, wrong, real = packed(session, county), timedelta(days=days), clock.now() + timedelta(hours=1)
    with clock.at(real + timedelta(minutes=10)):
        scan(session, county, event("load", parcel, bus(session, county).code, at=real + wrong), sent_at=clock.now() + wrong)
    kept = session.exec(select(Scan).where(Scan.parcel_code == parcel.code, Scan.action == "load")).one()
    assert (kept.occurred_at, kept.device_at, kept.flags) == (real, real + wrong, "clock_skew")


def test_an_event_from_the_future_is_held_to_its_receipt(session: Session, county: SmallCounty) -> None:
    parcel = packed(session, county)
    scan(session, county, event("load", parcel, bus(session, county).code, at=clock.now() + timedelta(days=3)))
    kept = session.exec(select(Scan).where(Scan.parcel_code == parcel.code, Scan.action == "load")).one()
    assert (kept.occurred_at, kept.flags) == (clock.now(), "clock_skew")


def test_a_time_without_a_zone_is_beijing_time(session: Session, county: SmallCounty) -> None:
    parcel, at = packed(session, county), clock.now() + timedelta(minutes=5)
    with later():
        scan(session, county, event("load", parcel, bus(session, county).code, at=clock.local(at).replace(tzinfo=None)))
    assert session.exec(select(Scan.occurred_at).where(Scan.action == "load")).one() == at


BAD = {
    "plain text": ({"code": "你好"}, "not_a_parcel_code"),
    "another site": ({"code": "https://evil.cn/track/JP0000000000000"}, "not_a_parcel_code"),
    "4 KB": ({"code": "9" * 4096}, "not_a_parcel_code"),
    "control characters": ({"code": "\x1dJP\x00"}, "not_a_parcel_code"),
    "no such action": ({"action": "teleport"}, "action_unknown"),
    "packing by scan": ({"action": "pack"}, "action_unknown"),
    "no such departure": ({"place": "D0"}, "place_unknown"),
    "a node where a departure belongs": ({"place": "sm-hub"}, "place_unknown"),
    "30 February": ({"at": "2026-02-30T10:00:00Z"}, "bad_time"),
    "29 February of no leap year": ({"at": "2025-02-29"}, "bad_time"),
    "1969": ({"at": "1969-12-31T23:59:59Z"}, "bad_time"),
    "9999": ({"at": "9999-12-31T23:59:59Z"}, "bad_time"),
    "hour 24": ({"at": "2026-05-20T24:30:00Z"}, "bad_time"),
    "epoch": ({"at": "1779240000000"}, "bad_time"),
    "empty time": ({"at": ""}, "bad_time"),
    "a station as the person": ({"by": "sm-gejia"}, "by_unknown"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_event_is_rejected_alone(session: Session, county: SmallCounty, case: str) -> None:
    change, code = BAD[case]
    parcel, run = packed(session, county), bus(session, county).code
    bad = event("load", parcel, run).model_copy(update=change)
    outcomes = scan(session, county, bad, event("load", parcel, run))
    assert [(o.result, o.code) for o in outcomes] == [("rejected", code), ("accepted", "")]
    assert all(o.words for o in outcomes if o.result == "rejected")


def test_one_wrong_character_is_not_another_parcel(session: Session, county: SmallCounty) -> None:
    parcel, run = packed(session, county), bus(session, county).code
    wrong = parcel.code[:-1] + ("1" if parcel.code[-1] == "0" else "0")
    assert scan(session, county, event("load", wrong, run))[0].code == "not_a_parcel_code"


def test_the_address_on_the_label_is_read_as_its_parcel(session: Session, county: SmallCounty) -> None:
    from core.settings import settings as here

    parcel, run = packed(session, county), bus(session, county).code
    assert scan(session, county, event("load", f"{here.address}/track/{parcel.code}", run))[0].result == "accepted"


def test_what_is_not_packed_or_cancelled_cannot_be_scanned(session: Session, county: SmallCounty) -> None:
    from tests.fulfillment.shipping import parcels_of, ship, sold

    (made,) = ship(session, county, sold(session, county, "tea", 1))
    (parcel,) = parcels_of(session, made)
    assert scan(session, county, event("deliver", parcel))[0].code == "not_packed"


def test_an_id_or_a_sequence_number_means_one_event(session: Session, county: SmallCounty) -> None:
    parcel, run = packed(session, county), bus(session, county).code
    first = event("load", parcel, run, device="pda", seq=7)
    scan(session, county, first)
    assert scan(session, county, first.model_copy(update={"action": "lose", "place": ""}))[0].code == "id_reused"
    assert scan(session, county, event("unload", parcel, county.hub.code, device="pda", seq=7))[0].code == "seq_reused"


def test_a_driver_scans_only_own_lines(session: Session, county: SmallCounty) -> None:
    parcel = packed(session, county)
    own, foreign = bus(session, county, line=0), bus(session, county, line=1)
    driver = person(county, "driver", "line", county.lines[0].code)
    assert scan(session, county, event("load", parcel, foreign.code), actor=driver)[0].code == "not_your_trip"
    assert scan(session, county, event("load", parcel, own.code), actor=driver)[0].result == "accepted"
    assert scan(session, county, event("unload", parcel, county.stations[2].code), actor=driver)[0].code == "not_your_trip"
    assert scan(session, county, event("dispatch", parcel, county.trunks[0].code), actor=driver)[0].code == "not_yours"


def test_a_master_scans_only_at_the_own_station(session: Session, county: SmallCounty) -> None:
    parcel = packed(session, county)
    master = person(county, "master", "station", county.stations[0].code)
    assert scan(session, county, event("receive", parcel, county.stations[1].code), actor=master)[0].code == "not_yours"
    assert scan(session, county, event("load", parcel, bus(session, county, line=1).code), actor=master)[0].code == "not_yours"
    assert scan(session, county, event("load", parcel, bus(session, county).code), actor=master)[0].result == "accepted"


def test_a_batch_too_large_is_refused_whole(session: Session, county: SmallCounty) -> None:
    parcel, run = packed(session, county), bus(session, county).code
    with pytest.raises(Refused):
        scan(session, county, *[event("load", parcel, run)] * 501)


def statements_of(session: Session, deed: Callable[[], object]) -> int:
    """How many statements a deed sends; a batch of rows is one."""
    sent = []

    def note(*_: object) -> None:
        sent.append(1)

    engine = session.get_bind().engine
    sql.event.listen(engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        sql.event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def test_a_batch_costs_the_same_statements_however_many_events(session: Session, county: SmallCounty) -> None:
    parcels = [packed(session, county) for _ in range(13)]
    trunk, sent = county.trunks[0].code, []
    for few_or_many in (parcels[:1], parcels[1:]):
        for action, place in (("receive", county.hub.code), ("dispatch", trunk), ("deliver", trunk)):
            batch = [event(action, parcel, place) for parcel in few_or_many]
            sent.append(statements_of(session, partial(scan, session, county, *batch)))
    assert {p.status for p in parcels} == {"delivered"}
    assert sent[3:] == sent[:3]
    assert max(sent) <= 30
