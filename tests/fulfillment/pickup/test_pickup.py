"""A parcel that came to be fetched has a place on the shelf and a code that is used once, tried five times, and told to its receiver only."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import Session, col, select

from core import clock, db, notify
from core.audit import AuditEntry
from core.outbox import Outbox
from fulfillment.boxes.service import register_boxes
from fulfillment.consignments.models import Parcel
from fulfillment.consignments.service import pack
from fulfillment.custody.desk import Said
from fulfillment.custody.models import Custody, Scan
from fulfillment.pickup.handing import hand_out
from fulfillment.pickup.models import Stay
from fulfillment.pickup.queries import ready_of
from tests.broken import broken
from tests.county import SmallCounty
from tests.fulfillment.conftest import NINE
from tests.fulfillment.shipping import TO, bus, event, person, scan, ship, sold
from tests.fulfillment.web import county_with_roads, signed_in

HOUR = timedelta(hours=1)
LATER = NINE + 4 * HOUR


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


def arrived(session: Session, county: SmallCounty, *, at: datetime = LATER) -> str:
    """A parcel that a bus brought to the second village, where its receiver fetches it."""
    there = county.stations[1]
    (made,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0", to_node_id=there.node_id))
    (parcel,) = pack(session, made, by="UMASTER")
    run = bus(session, county, direction="out", start=600).code
    with clock.at(at):
        scan(session, county, event("load", parcel, run, at=NINE + 2 * HOUR), event("unload", parcel, there.code, at=NINE + 3 * HOUR))
    return parcel.code


def code_of(code: str) -> str:
    with db.reading() as session:
        return ready_of(session, [code])[code].code


def wrong_of(told: str) -> str:
    shelf, secret = told.split("-")
    return f"{shelf}-{(int(secret) + 1) % 10_000:04}"


def status(code: str) -> str:
    with db.reading() as session:
        return session.exec(select(Parcel.status).where(Parcel.code == code)).one()


def test_what_arrives_gets_the_lowest_free_place_and_its_receiver_is_told_once(
    rows: SmallCounty, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(notify, "can_send", lambda: True)
    with db.writing() as session:
        one, two = arrived(session, rows), arrived(session, rows)
        stays = session.exec(select(Stay).order_by(Stay.id)).all()
        assert [(s.parcel_code, s.shelf) for s in stays] == [(one, 1), (two, 2)]
        codes = {code: ready_of(session, [code])[code].code for code in (one, two)}
        sent = session.exec(select(Outbox).where(Outbox.topic == "message.send")).all()
        assert [row.key for row in sent] == [f"shelf:{s.code}" for s in stays]
        assert all(code not in str([row.payload for row in sent]) for code in codes.values()), "sealed in the outbox"
        told += codes.items()
    assert all(code not in caplog.text for _, code in told)
    assert all(c not in signed_in(rows, "consumer").get(f"/track/{p}").text for p, c in told), "not on the parcel's public page"
    with clock.at(LATER):
        keeper = signed_in(rows, "master", "station", rows.stations[1].code)
        page = keeper.get("/station/arrivals").text
        assert "1 号" in page and "2 号" in page and all(code not in page for _, code in told)
        assert TO.name not in page and TO.phone not in page
        keeper.post("/station/arrivals", data={"form_key": "k1", "code": codes[one]})
        with db.writing() as session:
            third = arrived(session, rows)
            assert session.exec(select(Stay.shelf).where(Stay.parcel_code == third)).one() == 1, "a place that is free is used again"


def test_a_code_hands_out_once_and_the_same_tap_again_is_answered_alike(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = arrived(session, rows)
    code = code_of(parcel)
    with clock.at(LATER):
        keeper = signed_in(rows, "master", "station", rows.stations[1].code)
        full_width = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else "－" for c in code)
        first = keeper.post("/station/arrivals", data={"form_key": "k1", "code": f" {full_width} "}).text
        assert "交给来人，1 号货架空了" in first and parcel in first
        assert "这件已经交给来人" in keeper.post("/station/arrivals", data={"form_key": "k1", "code": code}).text
        assert "没有这个取件码" in keeper.post("/station/arrivals", data={"form_key": "k2", "code": code}).text
    assert status(parcel) == "delivered"
    with db.reading() as session:
        assert len(session.exec(select(Scan).where(Scan.action == "deliver")).all()) == 1
        assert session.exec(select(Stay.ended_how)).one() == "fetched"
        assert broken(session, "I6") == []


def test_five_wrong_tries_lock_it_and_the_master_may_still_give_it_with_a_reason(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = arrived(session, rows)
    code = code_of(parcel)
    with clock.at(LATER):
        keeper = signed_in(rows, "master", "station", rows.stations[1].code)
        said = [keeper.post("/station/arrivals", data={"form_key": f"w{n}", "code": wrong_of(code)}).text for n in range(5)]
        assert "还能试 4 次" in said[0] and "这件锁住了，要看证件才能给" in said[4]
        assert "锁住了" in keeper.post("/station/arrivals", data={"form_key": "right", "code": code}).text
        assert status(parcel) == "moving"
        form = {"form_key": "c1", "code": parcel, "reason": ""}
        assert keeper.post("/station/arrivals/confirmations", data=form).status_code == 422
        assert (
            "交给来人"
            in keeper.post("/station/arrivals/confirmations", data={**form, "reason": "看过身份证 11010519491231002X，是本人"}).text
        )
        assert "这件已经交给来人" in keeper.post("/station/arrivals/confirmations", data={**form, "reason": "再点一次"}).text
    assert status(parcel) == "delivered"
    with db.reading() as session:
        stay = session.exec(select(Stay)).one()
        entry = session.exec(select(AuditEntry).where(AuditEntry.act == "pickup.confirm")).one()
        assert (stay.ended_how, stay.wrong, entry.subject) == ("confirmed", 5, parcel)
        assert "本人" in entry.reason and "11010519491231002X" not in entry.reason + stay.reason


def test_a_hundred_tries_open_nothing(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = arrived(session, rows)
        right = ready_of(session, [parcel])[parcel].code
    actor, here = person(rows, "master", "station", rows.stations[1].code), rows.stations[1]
    with clock.at(LATER):
        for n in range(100):
            typed = right if n > 50 else wrong_of(right)
            said = db.run_write(lambda session, n=n, typed=typed: hand_out(session, actor, here, typed, key=f"k{n}"))
            assert said.kind == "bad"
    assert status(parcel) == "moving"
    with db.reading() as session:
        assert session.exec(select(Stay.wrong)).one() == 5


def test_a_label_or_a_scanner_does_not_open_the_shelf(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = arrived(session, rows)
        master = person(rows, "master", "station", rows.stations[1].code)
        with clock.at(LATER):
            (said,) = scan(session, rows, event("deliver", parcel, rows.stations[1].code), actor=master)
    assert (said.result, said.code) == ("rejected", "pickup_code_needed")
    with clock.at(LATER):
        keeper = signed_in(rows, "helper", "station", rows.stations[1].code)
        assert "这件要取件码" in keeper.post("/station/arrivals", data={"form_key": "k", "code": parcel}).text
        for n, bad in enumerate(("", "你好", "9" * 4096, "0-0000", "99-0000", "1-12345", "<b>")):
            answer = keeper.post("/station/arrivals", data={"form_key": f"b{n}", "code": bad})
            assert answer.status_code in (200, 422) and "交给来人，" not in answer.text
        stranger = signed_in(rows, "master", "station", rows.stations[0].code)
        assert "没有这个取件码" in stranger.post("/station/arrivals", data={"form_key": "s", "code": code_of(parcel)}).text
        assert (
            "不在货架上" in stranger.post("/station/arrivals/confirmations", data={"form_key": "t", "code": parcel, "reason": "认得"}).text
        )
    assert status(parcel) == "moving"


def test_what_lies_on_a_shelf_goes_into_no_box(rows: SmallCounty) -> None:
    there = rows.stations[1].code
    with db.writing() as session:
        parcel = arrived(session, rows)
        (box,) = (b.code for b in register_boxes(session, there, 1, tenant_id=rows.id))
    with clock.at(LATER):
        keeper = signed_in(rows, "master", "station", there)
        page = keeper.post("/station/boxes", data={"form_key": "s1", "code": parcel, "box": box}).text
        assert "这件在货架上等人来取，不能再装箱" in page and "note--bad" in page
        scans = {"events": [event("stow", parcel, there, box=box, at=LATER).model_dump()]}
        told = keeper.post("/api/v1/scans", json=scans).json()["items"]
        assert [(t["result"], t["code"]) for t in told] == [("rejected", "on_shelf")]
        with db.writing() as session:
            (late,) = scan(session, rows, event("stow", parcel, there, box=box, at=NINE + HOUR))
            assert late.result == "accepted", "what is told late of the time before it came is kept"
    with db.reading() as session:
        assert session.exec(select(Custody.box).where(Custody.parcel_code == parcel, col(Custody.ended_at).is_(None))).one() == ""
        assert len(session.exec(select(Stay).where(col(Stay.ended_at).is_(None))).all()) == 1
        assert len(session.exec(select(Scan).where(Scan.action == "stow")).all()) == 1


def test_two_who_hand_out_the_same_parcel_at_once_hand_it_out_once(rows: SmallCounty) -> None:
    with db.writing() as session:
        codes = [arrived(session, rows) for _ in range(3)]
    actor, here = person(rows, "master", "station", rows.stations[1].code), rows.stations[1]
    for parcel in codes:
        code, gate = code_of(parcel), Barrier(4)

        def tap(n: int, code: str = code, gate: Barrier = gate) -> Said:
            with clock.at(LATER):
                gate.wait()
                return db.run_write(lambda session: hand_out(session, actor, here, code, key=f"{code}-{n}"))

        with ThreadPoolExecutor(4) as pool:
            assert sorted(said.kind for said in pool.map(tap, range(4))) == ["bad", "bad", "bad", "go"]
    with db.reading() as session:
        assert len(session.exec(select(Scan).where(Scan.action == "deliver")).all()) == 3
        assert session.exec(select(Stay.wrong)).all() == [0, 0, 0]


def test_what_nobody_fetches_is_listed_by_age_and_goes_back_after_the_countys_days(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = arrived(session, rows)
    form = {"form_key": "r1", "code": parcel}
    with clock.at(LATER + timedelta(days=7)):
        keeper = signed_in(rows, "master", "station", rows.stations[1].code)
        assert "没人来取，退回" not in keeper.get("/station/arrivals").text
        assert "还没到期" in keeper.post("/station/arrivals/returns", data=form).text
    with clock.at(LATER + timedelta(days=8)):
        keeper = signed_in(rows, "master", "station", rows.stations[1].code)
        page = keeper.get("/station/arrivals").text
        assert "放了 8 天" in page and "没人来取，退回" in page
        assert "退回了" in keeper.post("/station/arrivals/returns", data=form).text
        assert "退回了" in keeper.post("/station/arrivals/returns", data=form).text
    assert status(parcel) == "returned"
    with db.reading() as session:
        assert session.exec(select(Stay.ended_how)).one() == "returned"
        assert ready_of(session, [parcel]) == {}


def test_the_shelf_follows_the_scans_in_whatever_order_they_come(session: Session, county: SmallCounty) -> None:
    parcel = arrived(session, county)
    run = bus(session, county, direction="in", start=1080).code
    with clock.at(NINE + 12 * HOUR):
        scan(session, county, event("load", parcel, run, at=NINE + 10 * HOUR))
        assert session.exec(select(Stay.ended_how).where(col(Stay.ended_at).is_not(None))).one() == "left"
        scan(session, county, event("unload", parcel, county.stations[1].code, at=NINE + 11 * HOUR))
    assert len(session.exec(select(Stay).where(col(Stay.ended_at).is_(None))).all()) == 1
