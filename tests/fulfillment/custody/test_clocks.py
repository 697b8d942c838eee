"""Clocks of scanners are wrong: a delivery counts from a time that is proven, and one device's scans keep their order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlmodel import Session, select

from core import clock
from core.errors import Refused
from fulfillment.consignments.models import Consignment
from fulfillment.consignments.service import pack
from fulfillment.custody.models import Scan
from tests.county import SmallCounty
from tests.fulfillment.shipping import bus, event, packed, scan, ship, sold
from tests.fulfillment.web import county_with_roads, signed_in

MINUTE = timedelta(minutes=1)


def test_nothing_happened_to_a_parcel_before_it_was_packed(session: Session, county: SmallCounty) -> None:
    parcel, trunk, packed_at = packed(session, county), county.trunks[0].code, clock.now()
    with clock.at(packed_at + timedelta(hours=1)):
        scan(session, county, event("dispatch", parcel, trunk), event("deliver", parcel, trunk, at=packed_at - timedelta(days=4)))
        kept = session.exec(select(Scan).where(Scan.parcel_code == parcel.code, Scan.action == "deliver")).one()
        assert (kept.occurred_at, kept.device_at, kept.flags) == (packed_at, packed_at - timedelta(days=4), "clock_skew")
        assert (parcel.status, parcel.delivered_at) == ("delivered", clock.now())


def whole_road(session: Session, county: SmallCounty, parcel, at: datetime, every: timedelta = MINUTE) -> list:
    steps = [("load", bus(session, county).code), ("unload", county.hub.code)] + [
        (d, county.trunks[0].code) for d in ("dispatch", "deliver")
    ]
    return [event(deed, parcel, place, at=at + n * every) for n, (deed, place) in enumerate(steps, 1)]


def test_a_proven_delivery_counts_from_its_own_time_any_other_from_its_receipt(session: Session, county: SmallCounty) -> None:
    begin = clock.now()
    proven, gap, skewed, late = (packed(session, county) for _ in range(4))
    with clock.at(begin + timedelta(hours=20)):
        scan(session, county, *whole_road(session, county, proven, begin))
        assert proven.delivered_at == begin + 4 * MINUTE
        events = whole_road(session, county, gap, begin)
        scan(session, county, events[0], *events[2:])
        assert gap.delivered_at == clock.now()
        scan(session, county, events[1])
        assert gap.delivered_at == begin + 4 * MINUTE, "nothing is missing any more"
        away = timedelta(days=-2)
        *before, last = whole_road(session, county, skewed, begin)
        scan(session, county, *before)
        scan(session, county, last.model_copy(update={"at": (begin + 4 * MINUTE + away).isoformat()}), sent_at=clock.now() + away)
        assert skewed.delivered_at == clock.now()
    with clock.at(begin + timedelta(hours=40)):
        scan(session, county, *whole_road(session, county, late, begin))
        assert late.delivered_at == clock.now(), "its buyer heard of it only now"


def test_a_consignment_was_delivered_when_its_last_parcel_was_in_whatever_order_that_was_told(
    session: Session, county: SmallCounty
) -> None:
    begin = clock.now()
    (made,) = ship(session, county, sold(session, county, "tomato", 8))
    one, other = pack(session, made, by="UMASTER")
    with clock.at(begin + timedelta(hours=10)):
        early, late = whole_road(session, county, one, begin), whole_road(session, county, other, begin + timedelta(hours=2))
        scan(session, county, *late)
        scan(session, county, *early)
        assert session.get_one(Consignment, made.id).delivered_at == begin + timedelta(hours=2) + 4 * MINUTE
        again = event("deliver", other, county.trunks[0].code, at=begin + timedelta(hours=2) + 3.5 * MINUTE)
        scan(session, county, again)
    assert other.delivered_at == begin + timedelta(hours=2) + 3.5 * MINUTE, "told twice, the earlier counts"
    assert made.delivered_at == other.delivered_at


@pytest.mark.parametrize("numbered", [True, False])
def test_the_order_of_one_devices_scans_is_its_own_even_when_its_clock_runs_ahead(
    session: Session, county: SmallCounty, numbered: bool
) -> None:
    begin, ahead = clock.now(), timedelta(days=3)
    steps = [("receive", county.hub.code), ("dispatch", county.trunks[0].code), ("return", county.hub.code)]
    found = []
    for n, order in enumerate([*permutations(range(3))]):
        parcel = packed(session, county)
        events = [
            event(deed, parcel, place, at=begin + ahead + k * MINUTE, device=f"pda{n}", seq=numbered * (k + 1))
            for k, (deed, place) in enumerate(steps)
        ]
        for turn, k in enumerate(order):
            with clock.at(begin + timedelta(hours=1 + turn)):
                scan(session, county, events[k])
        found.append(parcel.status)
    assert found == ["returned"] * 6


@pytest.mark.parametrize("year", [2000, 2024, 2099])
def test_an_upload_sent_at_an_impossible_time_is_refused(session: Session, county: SmallCounty, year: int) -> None:
    parcel, run = packed(session, county), bus(session, county).code
    with pytest.raises(Refused) as refused:
        scan(session, county, event("load", parcel, run), sent_at=datetime(year, 1, 1, tzinfo=UTC))
    assert refused.value.more == {"field": "sent_at"}
    assert parcel.status == "packed"


def test_the_refused_upload_names_its_field(database: str, nine) -> None:
    desk = signed_in(county_with_roads(), "dispatcher")
    one = event("load", "JP0", "D0").model_dump()
    for sent_at in ("0001-01-01T00:00:00Z", "2024-01-01T00:00:00Z"):
        answer = desk.post("/api/v1/scans", json={"events": [one], "sent_at": sent_at})
        assert answer.status_code == 422
        assert "sent_at" in answer.text
