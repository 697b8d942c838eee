"""What lies on a shelf too long: its receiver is reminded once, by day; past the county's limit it goes back by itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from sqlmodel import select

from core import clock, db, notify
from core.outbox import Outbox
from core.pii import unseal
from fulfillment.custody.models import Scan
from fulfillment.pickup.models import Stay
from fulfillment.pickup.queries import pickup_rules, ready_of
from fulfillment.pickup.tasks import follow
from supply.counties.models import County
from supply.counties.profile_rules import PickupRules
from tests.broken import broken
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.pickup.test_pickup import LATER, arrived, code_of, status
from tests.fulfillment.web import county_with_roads, signed_in


@pytest.fixture
def rows(database: str, nine: datetime, monkeypatch: pytest.MonkeyPatch) -> SmallCounty:
    monkeypatch.setattr(notify, "can_send", lambda: True)
    return county_with_roads()


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    """A county that keeps three days and sends back after five."""
    with patch("fulfillment.pickup.ageing.pickup_rules", lambda _county: PickupRules(3, return_days=5)):
        yield


def on_day(days: int, hour: int = 10) -> datetime:
    return clock.on(DAY + timedelta(days=days), hour * 60)


def passes(days: int, hour: int = 10) -> None:
    with clock.at(on_day(days, hour)):
        follow()


def told(ending: str) -> list[str]:
    """The words of messages whose key ends so."""
    with db.reading() as session:
        rows = session.exec(select(Outbox).where(Outbox.topic == "message.send")).all()
        return [unseal(row.payload["words"], row.payload["context"]) for row in rows if row.key.endswith(ending)]


def test_a_receiver_is_reminded_once_by_day_on_the_last_day_it_is_kept(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = arrived(session, rows)
    code = code_of(parcel)
    for days, hour in ((2, 10), (3, 7), (3, 20)):
        passes(days, hour)
    assert told(":reminder") == [], "neither early nor at night"
    for hour in (8, 9, 10):
        passes(3, hour)
    passes(4)
    (words,) = told(":reminder")
    assert "放了 3 天" in words and f"取件码 {code}" in words and "没人取就退回" in words
    with db.reading() as session:
        sealed = str([row.payload for row in session.exec(select(Outbox).where(Outbox.topic == "message.send"))])
    assert code not in sealed, "nothing readable lies in the outbox"


def test_past_the_countys_limit_the_return_begins_by_itself_and_only_once(rows: SmallCounty) -> None:
    with db.writing() as session:
        late, fetched = arrived(session, rows), arrived(session, rows)
    with clock.at(LATER):
        keeper = signed_in(rows, "master", "station", rows.stations[1].code)
        keeper.post("/station/arrivals", data={"form_key": "k", "code": code_of(fetched)})
    passes(5)
    assert status(late) == "moving", "the fifth day is still its receiver's"
    for hour in (0, 1, 10):
        passes(6, hour)
    assert (status(late), status(fetched)) == ("returned", "delivered")
    with db.reading() as session:
        stay = session.exec(select(Stay).where(Stay.parcel_code == late)).one()
        assert (stay.ended_how, stay.ended_by) == ("returned", "clock")
        assert [(s.by, s.place) for s in session.exec(select(Scan).where(Scan.action == "return"))] == [("clock", rows.stations[1].code)]
        assert ready_of(session, [late]) == {}
        assert broken(session, "I6") == []
    (words,) = told(":back")
    assert "放了 6 天没人取" in words
    with clock.at(on_day(7)):
        keeper = signed_in(rows, "master", "station", rows.stations[1].code)
        assert "没有这个取件码" in keeper.post("/station/arrivals", data={"form_key": "r", "code": "1-0000"}).text


def test_a_county_without_a_limit_sends_nothing_back_by_itself(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = arrived(session, rows)
    with patch("fulfillment.pickup.ageing.pickup_rules", lambda _county: PickupRules(3)):
        passes(60)
    assert status(parcel) == "moving"
    assert "退回" not in told(":reminder")[0]


def test_the_limit_is_read_from_the_countys_own_rules(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = arrived(session, rows)
        county = session.get_one(County, rows.id)
        county.policy = {**county.policy, "pickup": {"kept_days": 1, "remind_days": None, "return_days": 2}}
        session.add(county)
    with patch("fulfillment.pickup.ageing.pickup_rules", pickup_rules):
        passes(2)
        assert status(parcel) == "moving" and len(told(":reminder")) == 1
        passes(3)
    assert status(parcel) == "returned"
