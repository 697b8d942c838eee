"""A master and the office find an order, see who loses what, and give money back; a colleague claims for a buyer on the phone."""

import pytest
from sqlmodel import select

from core import db, tasks
from core.status import StatusEvent
from fulfillment.consignments.models import Parcel
from shop.claims.models import Claim
from shop.refunding.models import RefundRequest
from tests.fulfillment.shipping import event, scan
from tests.shop.buying import order_of
from tests.shop.claims.claiming import delivered, line_code
from tests.shop.earning import sell
from tests.shop.visitor import hidden


def _form(client, base: str, number: str, **more: str) -> dict[str, str]:
    page = client.get(f"{base}/{number}")
    assert page.status_code == 200, page.text
    fields = {name: hidden(page.text, name) for name in ("form_key", "line", "left_fen")}
    return {**fields, "what": "money", "amount": "5", "bearer": "master", "reason": "少了两个", **more}


def _asked() -> list[RefundRequest]:
    with db.reading() as session:
        return list(session.exec(select(RefundRequest).order_by(RefundRequest.id)))


def test_a_master_looks_at_who_loses_what_and_then_gives_it_back_once(county_rows, signed_in):
    number = sell(county_rows, ("tomato", 1))
    master = signed_in("master", "station", county_rows.stations[0].code)
    assert number in master.get("/station/refunds").text
    found = master.get("/station/refunds", params={"number": f" {number.lower()} "})
    assert (found.status_code, found.headers["location"]) == (303, f"/station/refunds/{number}")
    form = _form(master, "/station/refunds", number)
    looked = master.post(f"/station/refunds/{number}", data=form)
    assert looked.status_code == 200
    assert "驿站少收 ¥" in looked.text
    assert _asked() == []
    sure = {**form, "sure": "1"}
    for _ in range(2):
        assert master.post(f"/station/refunds/{number}", data=sure).status_code == 303
    assert [r.status for r in _asked()] == ["given"]
    tasks.drain()
    assert "退到了" in master.get(f"/station/refunds/{number}").text
    with db.reading() as session:
        assert order_of(session, number).refunded_fen == 500


def test_what_was_lost_and_nobody_asked_for_is_listed_until_it_is_made_good(county_rows, signed_in):
    number = sell(county_rows, ("tomato", 1), packed=True)
    office, elsewhere = signed_in("finance", "county", ""), signed_in("master", "station", county_rows.stations[1].code)
    assert "寄丢了" not in office.get("/finance/refunds").text
    with db.writing() as session:
        for parcel in session.exec(select(Parcel)).all():
            assert scan(session, county_rows, event("lose", parcel, ""))[0].result == "accepted"
    assert "寄丢了" in office.get("/finance/refunds").text
    with db.reading() as session:
        line = line_code(session, number)
    assert f"/finance/refunds/{number}?line={line}" in office.get("/finance/refunds").text
    assert "寄丢了" not in elsewhere.get("/station/refunds").text, "another station's"
    form = _form(office, "/finance/refunds", number, what="all", bearer="transport", reason="路上丢了", sure="1")
    assert office.post(f"/finance/refunds/{number}", data=form).status_code == 303
    assert "寄丢了" not in office.get("/finance/refunds").text


def test_what_a_master_may_not_give_alone_waits_at_the_office(county_rows, signed_in):
    number = sell(county_rows, ("tomato", 1))
    master = signed_in("master", "station", county_rows.stations[0].code)
    form = _form(master, "/station/refunds", number, bearer="grower", sure="1")
    assert "要第二个人点头" in master.post(f"/station/refunds/{number}", data={**form, "sure": ""}).text
    assert master.post(f"/station/refunds/{number}", data=form).status_code == 303
    (asked,) = _asked()
    office = signed_in("dispatcher", "county", "")
    page = office.get("/ops/refunds").text
    assert "少了两个" in page
    key = hidden(page, "form_key")
    no = office.post(f"/ops/refunds/requests/{asked.code}/decision", data={"form_key": key, "decision": "refuse"})
    assert (no.status_code, "写明为什么不退" in no.text) == (422, True)
    assert office.post(f"/ops/refunds/requests/{asked.code}/decision", data={"form_key": key, "decision": "approve"}).status_code == 303
    assert _asked()[0].status == "given"
    tasks.drain()


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"what": ""}, 422, "选一选退多少"), ({"what": "units", "quantity": "０"}, 422, "写几件"), ({"what": "units", "quantity": "7"}, 422, "一共买了 1 件"),
        ({"amount": "1e9"}, 422, "金额请写成"), ({"amount": "-5"}, 422, "金额请写成"), ({"amount": "99999"}, 409, "最多还能退"),
        ({"bearer": "buyer"}, 422, "选一选谁承担"), ({"reason": "\u200b"}, 422, "写简短些"), ({"reason": ""}, 422, "写明为什么退"),
        ({"left_fen": "1"}, 409, "刚才有人退过"), ({"left_fen": "9" * 40}, 409, "刚才有人退过"), ({"line": "JLX"}, 422, "没有这一样"),
    ],
)  # fmt: skip
def test_a_hostile_refund_is_refused_in_words_and_nothing_is_kept(county_rows, signed_in, more, status, says):
    number = sell(county_rows, ("tomato", 1))
    master = signed_in("master", "station", county_rows.stations[0].code)
    form = _form(master, "/station/refunds", number)
    for sure in ("", "1"):
        refused = master.post(f"/station/refunds/{number}", data={**form, "sure": sure, **more})
        assert (refused.status_code, says in refused.text) == (status, True), refused.text[-2000:]
    assert _asked() == []
    assert master.post(f"/station/refunds/{number}", data={**form, "status": "given"}).status_code == 422
    assert "没有这张订单" in master.get("/station/refunds", params={"number": "JS0"}).text


def test_a_colleague_claims_for_a_buyer_on_the_phone_and_another_decides(county_rows, signed_in):
    number = delivered(county_rows, ("tomato", 1))
    master = signed_in("master", "station", county_rows.stations[0].code)
    page = master.get(f"/station/refunds/{number}/claims").text
    form = {
        "form_key": hidden(page, "form_key"),
        "line": hidden(page, "line"),
        "reason": "spoiled",
        "damaged_pct": "20",
        "words": "有两个烂了",
    }
    for _ in range(2):
        assert master.post(f"/station/refunds/{number}/claims", data=form).status_code == 303
    with db.reading() as session:
        made = session.exec(select(Claim)).one()
        assert (made.status, made.vouched_by, made.award_fen) == ("open", made.opened_by, 1440)
        assert made.vouched_by.startswith("user:")
        assert session.exec(select(StatusEvent.by).where(StatusEvent.subject == made.code)).one() == made.vouched_by
    assert "在处理" in master.get(f"/station/refunds/{number}/claims").text
    assert "站里替买家申请" in signed_in("dispatcher", "county", "").get(f"/ops/claims/{made.code}").text


def test_whoever_claimed_for_the_buyer_does_not_decide_it(county_rows, signed_in):
    number = delivered(county_rows, ("tomato", 1))
    office = signed_in("dispatcher", "county", "")
    with db.reading() as session:
        form = {"line": line_code(session, number), "reason": "missing", "quantity": "1"}
    assert office.post(f"/ops/refunds/{number}/claims", data=form).status_code == 303
    with db.reading() as session:
        code = session.exec(select(Claim.code)).one()
    assert "请别的同事来定" in office.get(f"/ops/claims/{code}").text
    refused = office.post(f"/ops/claims/{code}/decision", data={"decision": "approve"})
    assert refused.status_code == 403
    hostile = office.post(f"/ops/refunds/{number}/claims", data={**form, "line": "JLX"})
    assert (hostile.status_code, "没有这一样" in hostile.text) == (422, True)
