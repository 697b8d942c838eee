"""Uploads and plans at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlmodel import col, select

from core import clock, db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import RoadsMoved, plan_day
from fulfillment.consignments.models import Consignment
from fulfillment.consignments.service import AlreadyPacked, cancel_consignments, pack
from fulfillment.custody.models import Custody, Scan
from fulfillment.custody.service import record_scans
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.shipping import bus, event, packed, person, ship, sold
from tests.fulfillment.web import county_with_roads

TOGETHER = 8


def at_once(*deeds):
    """Run the deeds in threads that start together; returns what each returned or raised."""
    gate = Barrier(len(deeds))

    def run(deed):
        with clock.at(NINE + timedelta(hours=2)):
            gate.wait()
            try:
                return db.run_write(deed)
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_one_upload_sent_eight_times_at_once_is_kept_once(database: str, nine) -> None:
    county = county_with_roads()
    with db.writing() as session:
        parcels = [packed(session, county) for _ in range(3)]
        run = bus(session, county)
        events = [event("load", p, run.code, at=clock.now() + timedelta(minutes=n)) for n, p in enumerate(parcels)]
    actor = person(county, "dispatcher")
    answers = at_once(*[lambda session: record_scans(session, events, actor=actor)] * TOGETHER)
    results = sorted(o.result for outcomes in answers for o in outcomes)
    assert results == ["accepted"] * 3 + ["duplicate"] * 3 * (TOGETHER - 1)
    with db.reading() as session:
        assert len(session.exec(select(Scan).where(Scan.action == "load")).all()) == 3
        assert len(session.exec(select(Custody).where(col(Custody.ended_at).is_(None))).all()) == 3


def test_the_last_two_parcels_of_a_consignment_delivered_at_once_deliver_it(database: str, nine) -> None:
    county = county_with_roads()
    with db.writing() as session:
        made = [ship(session, county, sold(session, county, "tomato", 8))[0] for _ in range(4)]
        pairs = [pack(session, consignment, by="UMASTER") for consignment in made]
    actor, trunk = person(county, "dispatcher"), county.trunks[0].code
    for pair in pairs:
        uploads = [[event("deliver", parcel, trunk)] for parcel in pair]
        at_once(*[lambda session, sent=sent: record_scans(session, sent, actor=actor) for sent in uploads])
    with db.reading() as session:
        assert set(session.exec(select(Consignment.status))) == {"delivered"}


def test_packing_and_cancelling_at_once_one_of_them_wins_whole(database: str, nine) -> None:
    county = county_with_roads()
    with db.writing() as session:
        made = [ship(session, county, sold(session, county, "tomato", 8))[0] for _ in range(4)]
    for consignment in made:
        answers = at_once(
            lambda session, c=consignment: len(pack(session, session.get(Consignment, c.id), by="UMASTER")),
            lambda session, c=consignment: len(cancel_consignments(session, c.source_code, tenant_id=county.id)),
        )
        assert answers[0] in (0, 2) or isinstance(answers[0], Exception)
        assert answers[1] == 1 or isinstance(answers[1], AlreadyPacked)
        assert (answers[0] == 2) != (answers[1] == 1)


def test_two_plans_at_once_never_place_a_parcel_twice(database: str, nine) -> None:
    county = county_with_roads()
    with db.writing() as session:
        parcels = [packed(session, county) for _ in range(4)]
    answers = at_once(*[lambda session: plan_day(session, county.county, DAY).placed] * 3)
    assert all(a == 4 or isinstance(a, RoadsMoved) for a in answers)
    assert 4 in answers
    with db.reading() as session:
        legs = session.exec(select(PlannedLeg.parcel_id).where(col(PlannedLeg.voided_at).is_(None))).all()
        assert sorted(legs) == sorted(p.id for p in parcels)
