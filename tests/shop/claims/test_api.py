"""Claims for programs: photos first, then the claim, then the office's decision."""

import pytest
from fastapi.testclient import TestClient

from core import db, tasks
from shop.orders.access import order_token
from tests.shop.claims.claiming import delivered, line_code, photo
from tests.shop.visitor import visitor


@pytest.fixture
def number(county_rows) -> str:
    return delivered(county_rows, ("clam", 1))


def _claim(client: TestClient, number: str, at: int = 0, **more: object):
    headers = {"X-Order-Token": order_token(number)}
    photos = [
        client.post(
            f"/api/v1/orders/{number}/photos", content=photo(60 * n), headers={**headers, "content-type": "image/jpeg"}
        ).json()["photo"]
        for n in range(3)
    ]  # fmt: skip
    with db.reading() as session:
        body = {"line": line_code(session, number, at), "reason": "spoiled", "damaged_pct": 60, "photos": photos, **more}
    return client.post(f"/api/v1/orders/{number}/claims", json=body, headers={**headers, "Idempotency-Key": "k1"}), body, headers


def test_a_claim_goes_its_way_from_photos_to_money(number, signed_in):
    shop = visitor(program=True)
    answer, body, headers = _claim(shop, number)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["status"], made["award_fen"], len(made["photos"])) == ("open", 6900, 3)
    again = shop.post(f"/api/v1/orders/{number}/claims", json=body, headers={**headers, "Idempotency-Key": "k1"})
    assert again.json()["id"] == made["id"]
    assert shop.get(made["photos"][0], headers=headers).headers["content-type"] == "image/jpeg"
    office = signed_in("dispatcher", "county", "")
    (waiting,) = office.get("/api/v1/claims").json()["items"]
    assert (waiting["id"], waiting["bearer"], [s["to"] for s in waiting["steps"]]) == (made["id"], "transport", ["open"])
    decided = office.post(f"/api/v1/claims/{made['id']}/decision", json={"decision": "approve"})
    assert (decided.status_code, decided.json()["status"]) == (200, "approved")
    tasks.drain()
    (mine,) = shop.get(f"/api/v1/orders/{number}/claims", headers=headers).json()["items"]
    assert (mine["status"], mine["refund"]["status"], mine["refund"]["amount_fen"]) == ("approved", "done", 6900)
    order = shop.get(f"/api/v1/orders/{number}", headers=headers).json()
    assert (order["refunded_fen"], order["payment_status"]) == (6900, "part_refunded")


def test_whoever_has_not_the_orders_token_neither_sends_photos_nor_claims(number):
    shop = visitor(program=True)
    with db.reading() as session:
        code = line_code(session, number)
    for headers in ({}, {"X-Order-Token": "0" * 32}):
        sent = shop.post(f"/api/v1/orders/{number}/photos", content=photo(), headers={**headers, "content-type": "image/jpeg"})
        claimed = shop.post(f"/api/v1/orders/{number}/claims", json={"line": code, "reason": "spoiled"}, headers=headers)
        assert (sent.status_code, claimed.status_code) == (404, 404)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"line": "JLNOTHERE"}, 422), ({"photos": []}, 422), ({"photos": ["PHNOTHERE"]}, 422), ({"damaged_pct": 1}, 422),
        ({"damaged_pct": 101}, 422), ({"damaged_pct": -1}, 422), ({"damaged_pct": True}, 422), ({"quantity": 2}, 422),
        ({"quantity": 9223372036854775808}, 422), ({"reason": "greed"}, 422), ({"reason": "not_arrived"}, 409),
        ({"amount_fen": 1}, 422), ({"status": "approved"}, 422), ({"words": "x" * 201}, 422), ({"words": None}, 422),
    ],
)  # fmt: skip
def test_a_hostile_claim_is_refused_and_nothing_is_kept(number, more, status):
    shop = visitor(program=True)
    answer, _body, headers = _claim(shop, number, **more)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert shop.get(f"/api/v1/orders/{number}/claims", headers=headers).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"decision": "approve", "amount_fen": 0}, 422, "invalid"), ({"decision": "approve", "amount_fen": -1}, 422, "invalid"),
        ({"decision": "approve", "amount_fen": 99_999, "note": "多"}, 409, "refund_too_much"), ({"decision": "refuse"}, 422, "invalid"),
        ({"decision": "maybe"}, 422, "invalid"), ({"decision": "approve", "bearer": "buyer"}, 422, "invalid"),
        ({"decision": "approve", "second_by": "U1"}, 422, "invalid"),
    ],
)  # fmt: skip
def test_a_hostile_decision_is_refused_and_the_claim_still_waits(number, signed_in, body, status, code):
    answer, _body, _headers = _claim(visitor(program=True), number)
    office = signed_in("finance", "county", "")
    refused = office.post(f"/api/v1/claims/{answer.json()['id']}/decision", json=body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert office.get(f"/api/v1/claims/{answer.json()['id']}").json()["status"] == "open"


def test_a_claim_of_nowhere_is_not_found_and_a_seller_decides_nothing(number, signed_in):
    answer, _body, _headers = _claim(visitor(program=True), number)
    assert signed_in("finance", "county", "").get("/api/v1/claims/CLNOTHERE").status_code == 404
    refused = signed_in("seller", "own", "").post(f"/api/v1/claims/{answer.json()['id']}/decision", json={"decision": "approve"})
    assert refused.status_code == 403
