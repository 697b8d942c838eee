"""A party names its own account: its password asked again, a day before it counts, told at once, and stopped by finance in that time."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock, db, notify, pii
from core.audit import AuditEntry
from core.auth.models import Grant, User
from core.auth.passwords import hash_password
from core.outbox import Outbox
from fulfillment.settlement import payees, service
from fulfillment.settlement.models import Payee
from tests.county import SmallCounty, small_county
from tests.fulfillment.settlement.owing import ONE, TWO, frozen, owed
from tests.fulfillment.web import signed_in

PASSWORD = "a long enough sentence"
HASHED = hash_password(PASSWORD)
DAY = timedelta(days=1, seconds=1)


@pytest.fixture
def rows(database: str, monkeypatch: pytest.MonkeyPatch) -> SmallCounty:
    monkeypatch.setattr(notify, "can_send", lambda: True)
    with db.writing() as session:
        county = small_county(session)
        owed(session, county)
    return county


def named(session: Session, county: SmallCounty, account: str) -> Payee:
    code = county.stations[0].code
    return payees.set_payee(
        session, tenant_id=county.id, kind="station", code=code, way="bank", holder="葛站长", account=account, bank="信用社", by="U1"
    )


def paid_to(session: Session, county: SmallCounty) -> str:
    """The tail that a run of this moment would pay the station to."""
    run = frozen(session, county)
    tail = service.statements_of(session, run)[0].account_tail
    service.void(session, run, by=TWO, reason="看看")
    return tail


def test_the_account_before_is_paid_until_the_new_one_counts(rows: SmallCounty) -> None:
    with db.writing() as session:
        named(session, rows, "6222020200110001")
    with clock.at(clock.now() + DAY), db.writing() as session:
        named(session, rows, "6222020200110002")
        assert paid_to(session, rows) == "0001"
    with clock.at(clock.now() + 2 * DAY), db.writing() as session:
        assert paid_to(session, rows) == "0002"


def test_what_finance_stops_never_counts(rows: SmallCounty) -> None:
    with db.writing() as session:
        first = named(session, rows, "6222020200110001").code
    with clock.at(clock.now() + DAY), db.writing() as session:
        second = named(session, rows, "6222020200110002").code
        for _again in range(2):
            payees.stop_payee(session, second, tenant_id=rows.id, by=ONE)
        with pytest.raises(payees.CountsAlready):
            payees.stop_payee(session, first, tenant_id=rows.id, by=ONE)
        with pytest.raises(payees.PayeeUnknown):
            payees.stop_payee(session, "PYNOBODY", tenant_id=rows.id, by=ONE)
        stopped = select(AuditEntry.subject).where(AuditEntry.act == "payee.stop")
        assert session.exec(stopped).all() == [f"station:{rows.stations[0].code}"]
    with clock.at(clock.now() + 3 * DAY), db.writing() as session:
        assert paid_to(session, rows) == "0001"


def test_a_party_names_its_account_with_its_password_and_is_told_by_phone(rows: SmallCounty) -> None:
    code = rows.stations[0].code
    master = signed_in(rows, "master", "station", code)
    with db.writing() as session:
        user = session.exec(select(User).join(Grant, col(Grant.user_id) == col(User.id)).where(Grant.scope_code == code)).one()
        phone = pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}")
    assert "先设一个密码" in master.get("/account/payees").text
    with db.writing() as session:
        session.get_one(User, user.id).password_hash = HASHED
    form = {
        "form_key": "k1", "party": f"station:{code}", "way": "bank", "holder": "葛站长", "bank": "信用社", "account": "6222 0202 0011 2233",
        "password": "not the right sentence",
    }  # fmt: skip
    wrong = master.post("/account/payees", data=form)
    assert wrong.status_code == 422 and "密码不对" in wrong.text and "6222" not in wrong.text
    assert master.post("/account/payees", data={**form, "party": f"station:{rows.stations[1].code}"}).status_code == 422
    for _again in range(2):
        assert master.post("/account/payees", data={**form, "password": PASSWORD}).status_code == 303
    page = master.get("/account/payees").text
    assert "尾号 2233" in page and "正在换账户" in page and "62220202" not in page
    with db.reading() as session:
        (payee,) = session.exec(select(Payee)).all()
        (message,) = session.exec(select(Outbox).where(Outbox.topic == "message.send", col(Outbox.key).startswith("payee:"))).all()
        context = message.payload["context"]
        assert pii.unseal(message.payload["to"], context) == phone
        assert "尾号 2233" in pii.unseal(message.payload["words"], context)
    finance = signed_in(rows, "finance")
    assert "尾号 2233" in finance.get("/finance/payees").text
    assert finance.post(f"/finance/payees/{payee.code}/stopping", data={"form_key": "s1"}).status_code == 303
    assert "没有人在换账户" in finance.get("/finance/payees").text
    assert "正在换账户" not in master.get("/account/payees").text


def test_five_wrong_passwords_close_the_door(rows: SmallCounty) -> None:
    code = rows.stations[0].code
    master = signed_in(rows, "master", "station", code)
    with db.writing() as session:
        user = session.exec(select(User).join(Grant, col(Grant.user_id) == col(User.id)).where(Grant.scope_code == code)).one()
        user.password_hash = HASHED
    form = {"party": f"station:{code}", "way": "alipay", "holder": "葛站长", "account": "13912345678"}
    answers = [master.post("/account/payees", data={**form, "form_key": f"w{n}", "password": "x" * 12}).status_code for n in range(6)]
    assert answers == [422] * 5 + [429]
    assert master.post("/account/payees", data={**form, "form_key": "r", "password": PASSWORD}).status_code == 429
    with db.reading() as session:
        assert session.exec(select(Payee)).all() == []
