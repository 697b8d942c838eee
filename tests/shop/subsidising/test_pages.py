"""A programme is drafted by an administrator and approved by somebody else, on pages that say what is wrong; documents and payments too."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from core import clock, db
from fulfillment.subsidies.models import SubsidyAward, SubsidyEvidence, SubsidyFund, SubsidyPayment, SubsidyVersion
from tests.county import SmallCounty

SignIn = Callable[[str, str, str], TestClient]
KEYS = (f"key-{n}" for n in count())


def rule(**more: str) -> dict[str, str]:
    today = clock.today()
    typed = {
        "form_key": next(KEYS), "code": "sm-insured", "name": "三轮车保险补贴", "funder": "县财政", "basis": "grant", "beneficiary": "station",
        "starts": today.isoformat(), "ends": (today + timedelta(days=800)).isoformat(), "budget": "100", "evidence": "保单", "share": "50",
    }  # fmt: skip
    return {**typed, **more}


def test_a_programme_goes_from_draft_to_a_grant_and_its_money(county_rows: SmallCounty, signed_in: SignIn) -> None:
    admin, finance = signed_in("admin", "county", ""), signed_in("finance", "county", "")
    assert finance.post("/county/subsidies", data=rule()).status_code == 403, "finance approves, it does not draft"
    assert admin.post("/county/subsidies", data=rule()).status_code == 303
    with db.reading() as session:
        version = session.exec(select(SubsidyVersion.code)).one()
    own = admin.post(f"/county/subsidies/versions/{version}/approval", data={"form_key": next(KEYS)})
    assert own.status_code == 403 and "自己起草的要另一个人来批" in own.text
    assert finance.post(f"/county/subsidies/versions/{version}/approval", data={"form_key": next(KEYS)}).status_code == 303
    station = county_rows.stations[0]
    document = {"form_key": next(KEYS), "party": station.name, "document": "保单 7", "on_date": clock.today().isoformat(), "amount": "120"}
    missing = admin.post("/county/subsidies/sm-insured/evidence", data={**document, "party": "没有这站"})
    assert missing.status_code == 422 and "县里没有叫这个名字的" in missing.text
    assert admin.post("/county/subsidies/sm-insured/evidence", data={**document, "form_key": next(KEYS)}).status_code == 303
    with db.reading() as session:
        proof = session.exec(select(SubsidyEvidence.code)).one()
    confirm = f"/county/subsidies/evidence/{proof}/confirmation"
    assert admin.post(confirm, data={"form_key": next(KEYS)}).status_code == 403
    for _ in range(2):
        assert finance.post(confirm, data={"form_key": next(KEYS)}).status_code == 303
    shown = finance.get("/county/subsidies/sm-insured").text
    assert "三轮车保险补贴：凭 保单 7，补 60.00 元" in shown and "40.00" in shown
    paid = {"form_key": next(KEYS), "amount": "60", "reference": "回单 1"}
    assert admin.post("/county/subsidies/sm-insured/payments", data=paid).status_code == 403
    for _ in range(2):
        assert finance.post("/county/subsidies/sm-insured/payments", data=paid).status_code == 303, (
            "the same form again is the same payment"
        )
    again = finance.post("/county/subsidies/sm-insured/payments", data={**paid, "amount": "10", "form_key": next(KEYS)})
    assert again.status_code == 409 and "这张回单已经记过" in again.text
    with db.reading() as session:
        assert session.exec(select(SubsidyPayment.amount_fen)).all() == [6_000]
        assert session.exec(select(SubsidyFund.paid_fen)).one() == 6_000
        assert session.exec(select(SubsidyAward.amount_fen)).all() == [6_000]
    sheet = finance.get("/county/subsidies/report.csv").text
    assert "三轮车保险补贴" in sheet and "保单 7" in sheet and "60.00" in sheet
    assert finance.get("/county/subsidies/report.xlsx").content[:2] == b"PK"
    assert finance.get("/county/subsidies/report.pdf").status_code == 404
    assert finance.get("/county/subsidies/report?quarter=2026Q9").status_code == 422


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"budget": "-1"}, "budget"),
        ({"budget": "0"}, "budget"),
        ({"share": "", "amounts": ""}, "amounts"),
        ({"share": "五成"}, "share"),
        ({"starts": "2026-02-30"}, "starts"),
        ({"code": "report"}, "code"),
        ({"code": "有字"}, "code"),
        ({"basis": "magic"}, "basis"),
        ({"basis": "piece", "share": "", "amounts": "0.30、0.20", "nodes": "没有这村"}, "nodes"),
        ({"basis": "piece", "share": "", "steps": "0：0.30、别的"}, "steps"),
        ({"basis": "piece", "share": "", "amounts": "0.30", "energies": "纯电"}, "energies"),
        ({"basis": "piece", "share": "", "amounts": "0.30", "months": "13"}, "months"),
        ({"cap": "5"}, "cap"),
        ({"from_on": "2001-01-01"}, "from_on"),
    ],
)
def test_what_cannot_be_reckoned_is_said_at_its_field_and_nothing_is_kept(
    county_rows: SmallCounty, signed_in: SignIn, more: dict[str, str], field: str
) -> None:
    answer = signed_in("admin", "county", "").post("/county/subsidies", data=rule(**more))
    assert answer.status_code == 422, answer.status_code
    assert f'id="e-{field}"' in answer.text and "三轮车保险补贴" in answer.text, "what was typed stays"
    with db.reading() as session:
        assert session.exec(select(SubsidyVersion)).all() == []


def test_places_and_kinds_are_typed_in_words(county_rows: SmallCounty, signed_in: SignIn) -> None:
    admin = signed_in("admin", "county", "")
    words = {"basis": "piece", "share": "", "amounts": "0.30, 0.20", "nodes": "葛家驿站、海头驿站", "directions": "寄出", "storage": "冷藏"}
    assert admin.post("/county/subsidies", data=rule(**words)).status_code == 303
    with db.reading() as session:
        kept = session.exec(select(SubsidyVersion.rule)).one()
    assert (kept["nodes"], kept["directions"], kept["storage"]) == (["sm-gejia", "sm-haitou"], ["out"], ["chilled"])
    assert kept["fen_by_year"] == [30, 20]
    form = admin.get("/county/subsidies/new?like=sm-insured").text
    assert "0.30、0.20" in form and "寄出" in form
    assert "葛家驿站" in admin.get("/county/subsidies/sm-insured").text
    assert "等第二个人批" in admin.get("/county/subsidies").text


STRANGE = ("\x00", "甲" * 500, "-1", "9" * 40, "9999-12-31", "0001-01-01", "<b>", "1e9", "NaN", "٣", "‮", "、、", "：", "0：", "a b c")


def test_whatever_is_typed_is_refused_or_kept_as_text_and_never_fails(county_rows: SmallCounty, signed_in: SignIn) -> None:
    admin, finance = signed_in("admin", "county", ""), signed_in("finance", "county", "")
    sound = rule()
    wrong = []
    for name in (
        *sound,
        "from_on",
        "amounts",
        "steps",
        "grades",
        "first",
        "most",
        "base_pieces",
        "cap",
        "cap_every",
        "zones",
        "lines",
        "months",
    ):
        for value in STRANGE:
            answer = admin.post("/county/subsidies", data={**sound, "form_key": next(KEYS), name: value})
            if answer.status_code not in (303, 400, 409, 422):
                wrong.append((name, value[:9], answer.status_code))
    admin.post("/county/subsidies", data=rule(code="sm-other"))
    with db.reading() as session:
        version = session.exec(select(SubsidyVersion.code).join(SubsidyFund).where(SubsidyFund.code == "sm-other")).one()
    finance.post(f"/county/subsidies/versions/{version}/approval", data={"form_key": next(KEYS)})
    document = {
        "party": county_rows.stations[0].code,
        "document": "保单",
        "on_date": clock.today().isoformat(),
        "amount": "120",
        "what": "",
    }
    for path, typed in (("evidence", document), ("payments", {"amount": "1", "reference": "x"})):
        for name in typed:
            for value in STRANGE:
                data = {**typed, "form_key": next(KEYS), name: value}
                answer = finance.post(f"/county/subsidies/sm-other/{path}", data=data)
                if answer.status_code not in (303, 400, 409, 422):
                    wrong.append((f"{path} {name}", value[:9], answer.status_code))
    for value in ("%00", "x" * 300, "%F0%9F"):
        for path in (f"/county/subsidies/{value}", f"/api/v1/subsidies/{value}/awards", f"/county/subsidies/report?quarter={value}"):
            if (answer := finance.get(path)).status_code not in (400, 404, 422, 307, 200):
                wrong.append((path[:60], "", answer.status_code))
    assert wrong == []
    assert admin.post("/county/subsidies", data=rule(code="sm-told", name="打 13912345678")).status_code == 303
    assert "13912345678" not in admin.get("/county/subsidies").text
