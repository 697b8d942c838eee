"""A grower who does not sign in hears of the money by one message, or gets a slip on paper, printed with all of the station's at once."""

import pytest
from sqlmodel import Session, col, select

from core import db, notify, pii
from core.auth.service import grant
from core.notify import TEMPLATES
from core.outbox import Outbox
from fulfillment.settlement import paying, service
from supply.growers.models import Grower
from tests.county import SmallCounty, small_county
from tests.fulfillment.settlement.owing import ONE, earn, exported, owed
from tests.fulfillment.web import signed_in
from tests.shop.selling import make_user

PHONE = "13700001111"


def paid(session: Session, county: SmallCounty) -> str:
    """The first grower's statement, said to be paid twice."""
    run = exported(session, county)
    found = next(s for s in service.statements_of(session, run) if s.party_kind == "grower")
    for _again in range(2):
        paying.mark_paid(session, found, by=ONE)
    return found.code


def told(session: Session) -> list[Outbox]:
    return list(session.exec(select(Outbox).where(Outbox.topic == "message.send", col(Outbox.key).startswith("slip:"))))


def reachable(session: Session, county: SmallCounty) -> Grower:
    grower = session.get_one(Grower, county.growers[1].id)
    grower.phone_sealed = pii.seal(PHONE, f"grower.phone:{grower.code}")
    session.add(grower)
    session.flush()
    return grower


def test_one_short_message_when_it_is_paid(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "can_send", lambda: True)
    county = small_county(session)
    reachable(session, county)
    owed(session, county)
    code = paid(session, county)
    (message,) = told(session)
    context = message.payload["context"]
    words = TEMPLATES["plain"].format(words=pii.unseal(message.payload["words"], context))
    assert message.key == f"slip:{code}" and pii.unseal(message.payload["to"], context) == PHONE
    assert "88.00 元" in words and len(words) <= 70 and PHONE not in words


def test_who_signs_in_or_has_no_phone_gets_none(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "can_send", lambda: True)
    county = small_county(session)
    owed(session, county)
    paid(session, county)
    grower = reachable(session, county)
    grant(session, make_user(session, PHONE, "葛农户"), "grower", tenant_id=county.id, scope_kind="own", scope_code=grower.code)
    earn(session, county, "grower", grower.code, 700, "E1")
    paid(session, county)
    assert told(session) == []


def test_the_master_prints_all_slips_of_the_last_run_at_once(database: str) -> None:
    with db.writing() as session:
        county = small_county(session)
        home = county.stations[0].code
        second = Grower(tenant_id=county.id, code=f"{home}-g2", name="葛家第二户", station_id=county.stations[0].node_id)
        session.add(second)
        session.flush()
        earn(session, county, "grower", second.code, 900, "F1")
        owed(session, county)
        exported(session, county)
    master = signed_in(county, "master", "station", home)
    page = master.get("/station/slips/sheet").text
    assert page.count("领款人签字") == 2 and "葛家第二户" in page and "海头农户" not in page
    assert "/station/slips/sheet" in master.get("/station/slips").text
    other = signed_in(county, "master", "station", county.stations[2].code)
    assert "还没有领款单" in other.get("/station/slips/sheet").text
