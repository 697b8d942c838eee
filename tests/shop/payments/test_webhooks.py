"""Where gateways knock: nothing is believed without its signature, nothing told twice counts twice."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db, tasks
from core.audit import AuditEntry
from core.inbox import Inbox
from shop.payments.models import SandboxCharge
from shop.payments.sandbox import SIGNATURE, notice, sign
from shop.payments.service import start_payment
from tests.shop.buying import buy, order_of
from tests.shop.visitor import visitor


@pytest.fixture
def waiting(county_rows):
    """A placed order with an attempt that the sandbox's book says is paid, of which no notice came yet."""
    with db.writing() as session:
        placed = buy(session, county_rows, ("tomato", 1))
        attempt = start_payment(session, order_of(session, placed.number), provider="sandbox", method="page")
        session.add(
            SandboxCharge(payment=attempt.code, tenant_id=county_rows.id, outcome="paid", amount_fen=placed.total_fen, at=clock.now())
        )
    return placed, attempt.code


def knock(body: str, signature: str | None, *, path="/webhooks/sandbox", **headers):
    sent = {"content-type": "application/json", **({SIGNATURE: signature.encode()} if signature is not None else {}), **headers}
    return visitor(program=True).post(path, content=body.encode(), headers=sent)


def status(number):
    with db.reading() as session:
        return order_of(session, number).payment_status


@pytest.mark.parametrize("path", ["/webhooks/sandbox", "/api/v1/webhooks/sandbox"])
def test_a_genuine_notice_pays_the_order_once_however_often_it_comes(waiting, path):
    placed, code = waiting
    body = notice(code, "paid", amount_fen=placed.total_fen)
    for _ in range(3):
        assert knock(body, sign(body.encode()), path=path).status_code == 200
    tasks.drain()
    assert status(placed.number) == "paid"
    with db.reading() as session:
        [kept] = session.exec(select(Inbox)).all()
        assert (kept.body, kept.outcome) == (body, "captured")


def test_a_forged_notice_is_refused_noted_and_changes_nothing(waiting):
    placed, code = waiting
    body = notice(code, "paid", amount_fen=placed.total_fen)
    good = sign(body.encode())
    at = int(clock.now().timestamp())
    forged = [
        None, "", "t=,v1=", good[:-1] + ("0" if good[-1] != "0" else "1"), good.replace("v1", "v0"), f"t={at}٣,v1={'0' * 64}",
        f"t={at + 1},{good.split(',')[1]}", "t=" + "9" * 400 + ",v1=00", sign(body.replace("paid", "failed").encode()),
    ]  # fmt: skip
    for signature in forged:
        answer = knock(body, signature)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature"), signature
    again = json.dumps(json.loads(body), indent=1)
    assert knock(again, good).status_code == 400
    with db.reading() as session:
        assert session.exec(select(Inbox)).all() == []
        assert len(session.exec(select(AuditEntry).where(AuditEntry.act == "forged_notice")).all()) == len(forged) + 1
    assert status(placed.number) == "unpaid"


def test_a_signature_of_another_time_is_refused(waiting):
    placed, code = waiting
    body = notice(code, "paid", amount_fen=placed.total_fen)
    for shift in (timedelta(seconds=-301), timedelta(minutes=10), timedelta(hours=24)):
        with clock.at(clock.now() + shift):
            signature = sign(body.encode())
        assert knock(body, signature).status_code == 400


def test_a_signed_notice_for_somebody_else_or_of_nothing_is_refused(waiting):
    placed, code = waiting
    for changes in ({"account": "somebody-else"}, {"live": True}, {"amount_fen": "x"}, {"amount_fen": None}, {"payment": None}):
        told = {**json.loads(notice(code, "paid", amount_fen=placed.total_fen)), **changes}
        body = json.dumps({name: value for name, value in told.items() if value is not None})
        assert knock(body, sign(body.encode())).status_code == 400, changes
    assert status(placed.number) == "unpaid"


def test_a_signed_notice_of_another_amount_is_kept_and_not_believed(waiting):
    placed, code = waiting
    for n, changes in enumerate(({"amount_fen": 1}, {"currency": "USD"})):
        body = json.dumps({**json.loads(notice(code, "paid", amount_fen=placed.total_fen)), **changes, "id": f"e{n}"})
        assert knock(body, sign(body.encode())).status_code == 200
    tasks.drain()
    with db.reading() as session:
        assert session.exec(select(Inbox.outcome)).all() == ["wrong_amount", "wrong_amount"]
    assert status(placed.number) == "unpaid"


def test_an_unknown_kind_is_kept_and_an_unknown_payment_is_tried_again(waiting):
    placed, code = waiting
    for told in ({"type": "payment.dreamt", "id": "e1"}, {"payment": "0" * 32, "id": "e2"}):
        body = json.dumps({**json.loads(notice(code, "paid", amount_fen=placed.total_fen)), **told})
        assert knock(body, sign(body.encode())).status_code == 200
    tasks.drain(raising=False)
    with db.reading() as session:
        kept = {row.event_id: row for row in session.exec(select(Inbox))}
    assert kept["e1"].outcome == "ignored"
    assert kept["e2"].processed_at is None and kept["e2"].attempts == 1
    assert status(placed.number) == "unpaid"


def test_what_is_not_a_notice_at_all_is_refused(waiting):
    placed, code = waiting
    body = notice(code, "paid", amount_fen=placed.total_fen)
    assert knock(body, sign(body.encode()), **{"content-type": "text/plain"}).status_code == 400
    assert knock(body, sign(body.encode()), **{"content-encoding": "gzip"}).status_code == 400
    assert knock("[1]", sign(b"[1]")).status_code == 400
    assert knock("x" * 1_100_000, "x").status_code == 413
    assert visitor(program=True).get("/webhooks/sandbox").status_code == 405
    for provider in ("alipay", "stripe", "nobody", "../sandbox"):
        assert knock(body, sign(body.encode()), path=f"/webhooks/{provider}").status_code == 404
    assert status(placed.number) == "unpaid"


def test_a_failure_told_after_success_and_an_old_order_of_notices_change_nothing(waiting):
    placed, code = waiting
    for outcome in ("failed", "paid", "closed", "failed"):
        body = notice(code, outcome, amount_fen=placed.total_fen)
        assert knock(body, sign(body.encode())).status_code == 200
        tasks.drain()
    assert status(placed.number) == "paid"
