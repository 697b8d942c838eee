"""The buyer's form and its story, the office's list and decision, as a browser without scripts meets them."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from core import db, tasks
from core.auth.models import SignIn
from shop.app import create_app
from shop.claims.models import Claim
from tests.documented import watched
from tests.shop.buying import order_of
from tests.shop.claims.claiming import claim, delivered, line_code, photo
from tests.shop.visitor import BROWSER, hidden, visitor

THREE = [("photos", (f"../../{n}.php\r\nx", photo(60 * n), "text/html")) for n in range(3)]


@pytest.fixture
def number(county_rows) -> str:
    return delivered(county_rows, ("clam", 1))


@pytest.fixture
def buyer(county_rows, number) -> TestClient:
    """The browser whose session placed the order."""
    from core.auth.service import start_session

    with db.writing() as session:
        started, token = start_session(session, tenant_id=county_rows.id)
        order_of(session, number).sign_in_id = session.get_one(SignIn, started.id).id
    return watched(TestClient(create_app(), headers=BROWSER, cookies={"sid": token}, follow_redirects=False))


def _form(buyer: TestClient, number: str, **more: str) -> dict[str, str]:
    with db.reading() as session:
        line = line_code(session, number)
    page = buyer.get(f"/orders/{number}/claims?line={line}")
    assert page.status_code == 200, page.text
    return {"form_key": hidden(page.text, "form_key"), "line": line, "reason": "spoiled", "damaged_pct": "50", **more}


def _claims() -> list[Claim]:
    with db.reading() as session:
        return list(session.exec(select(Claim).order_by(Claim.id)))


def test_a_buyer_claims_with_photos_and_reads_the_story_on_the_orders_page(buyer, number, signed_in):
    form = _form(buyer, number, words="打开就臭了，打我电话 13912345678")
    for _ in range(2):  # a double click is one claim
        sent = buyer.post(f"/orders/{number}/claims", data=form, files=THREE)
        assert (sent.status_code, sent.headers.get("location")) == (303, f"/orders/{number}/claims")
    (made,) = _claims()
    assert (made.status, made.award_fen) == ("open", 6900)
    assert "13912345678" not in made.words
    story = buyer.get(f"/orders/{number}/claims").text
    assert story.count("<img") == 3
    assert "在处理" in story
    assert "在处理" in buyer.get(f"/orders/{number}").text
    office = signed_in("dispatcher", "county", "")
    assert f"/ops/claims/{made.code}" in office.get("/ops/claims").text
    page = office.get(f"/ops/claims/{made.code}").text
    assert "照规则退" in page
    decided = {"form_key": hidden(page, "form_key"), "decision": "approve", "amount": "", "bearer": "transport", "note": ""}
    assert office.post(f"/ops/claims/{made.code}/decision", data=decided).status_code == 303
    tasks.drain()
    assert "退 69.00 元，已经原路退回" in buyer.get(f"/orders/{number}").text
    assert "通过，退款排队" in office.get(f"/ops/claims/{made.code}").text


@pytest.mark.parametrize(
    ("more", "files", "says"),
    [
        ({"reason": ""}, THREE, "选一选哪里不对"),
        ({"damaged_pct": ""}, THREE, "选一选坏了多少"),
        ({"damaged_pct": "1e3"}, THREE, "选一选坏了多少"),
        ({"reason": "missing", "quantity": "0"}, THREE, "写几件"),
        ({"reason": "missing", "quantity": "7"}, THREE, "一共买了 1 件"),
        ({}, THREE[:1], "还差 2 张"),
        ({}, [("photos", ("a.jpg", b"<?php ?>", "image/jpeg"))], "这不是照片"),
        ({}, [("photos", ("", b"", "application/octet-stream"))], "还差 3 张"),
        ({"words": "\u200b\u200b" + "x" * 300}, THREE, "写简短些"),
    ],
)
def test_what_is_missing_is_said_at_its_field_what_was_typed_stays_and_nothing_is_kept(buyer, number, more, files, says):
    form = {**_form(buyer, number), **more}
    refused = buyer.post(f"/orders/{number}/claims", data=form, files=files)
    assert refused.status_code == 422
    assert says in refused.text
    if form["damaged_pct"] == "50":
        assert re.search(r'value="50" checked', refused.text)
    assert _claims() == []


def test_unknown_fields_are_refused_and_somebody_elses_order_is_not_there(buyer, number):
    form = _form(buyer, number)
    assert buyer.post(f"/orders/{number}/claims", data={**form, "status": "approved"}, files=THREE).status_code == 422
    stranger = visitor()
    assert stranger.get(f"/orders/{number}/claims").status_code == 404
    assert stranger.post(f"/orders/{number}/claims", data=form, files=THREE).status_code == 404
    assert _claims() == []


def test_a_claim_is_taken_back_on_the_page(buyer, number):
    made = claim(number)
    page = buyer.get(f"/orders/{number}/claims").text
    back = buyer.post(f"/orders/{number}/claims/{made.code}/withdrawal", data={"form_key": hidden(page, "form_key")})
    assert back.status_code == 303
    assert _claims()[0].status == "withdrawn"
    assert "撤回了" in buyer.get(f"/orders/{number}/claims").text


def test_an_upload_beyond_every_limit_is_turned_away_before_it_is_read(buyer, number):
    huge = buyer.post(
        f"/orders/{number}/claims", content=b"x", headers={"content-length": "70000000", "content-type": "multipart/form-data"}
    )
    assert huge.status_code == 413


def test_a_decision_that_cannot_be_says_why_and_keeps_what_was_typed(number, signed_in):
    made = claim(number)
    finance = signed_in("finance", "county", "")
    page = finance.get(f"/finance/claims/{made.code}").text
    key = hidden(page, "form_key")
    for form, says in (
        ({"decision": "refuse", "note": ""}, "写明为什么"),
        ({"decision": "approve", "amount": "100", "note": "多"}, "最多还能退"),
        ({"decision": "approve", "amount": "1e7", "note": "多"}, "金额请写成"),
        ({"decision": ""}, "选同意还是不同意"),
    ):
        refused = finance.post(f"/finance/claims/{made.code}/decision", data={"form_key": key, **form})
        assert refused.status_code in (409, 422)
        assert says in refused.text
    assert _claims()[0].status == "open"
    assert finance.get("/finance/claims/CLNOTHERE").status_code == 404
