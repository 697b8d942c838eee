"""What finance and a firm see of a month, and how it is closed: the page and the call say the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from sqlmodel import select

import shop.wiring  # noqa: F401 - who hears of scans
from core import clock, db
from core.ledger.models import Journal
from fulfillment.income.service import mature
from fulfillment.network.models import Line
from fulfillment.partners.closing import close
from fulfillment.partners.models import PartnerMonth
from fulfillment.settlement import service
from tests.county import SmallCounty
from tests.fulfillment.partners.carrying import AFTER, BUS, MAY, agree, carry
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of

DESK, OWN = f"/finance/partners/{quote(BUS)}", f"/partner/months/{quote(BUS)}"
CALL = f"/api/v1/partners/{quote(BUS)}/months/2026-05"


@pytest.fixture
def county(database: str, nine: object) -> SmallCounty:
    county = county_with_roads()
    with db.writing() as session:
        other = session.get_one(Line, county.lines[1].id)
        other.operator = "别家客运"
        session.add(other)
    return county


def carried(county: SmallCounty, pieces: int = 2, **terms: object) -> list[str]:
    with db.writing() as session:
        agree(session, county, **({"before_fen": 260} | terms))
        return [carry(session, county).code for _ in range(pieces)]


def test_the_page_and_the_call_say_the_same_and_every_leg_opens_to_its_parcel(county: SmallCounty) -> None:
    sent = carried(county)
    finance = signed_in(county, "finance")
    listed = finance.get("/finance/partners?month=2026-05").text
    assert BUS in listed and "1.60" in listed and "一件原来 ¥2.60，现在 ¥0.80" in listed
    page = finance.get(f"{DESK}?month=2026-05").text
    assert "2 件 × ¥0.80" in page and "还没有过完" in page and all(f"/track/{code}" in page for code in sent)
    told = finance.get(CALL).json()
    assert (told["status"], told["total_fen"], told["pieces"]) == ("running", 160, 2)
    assert [(c["piece_fen"], c["before_fen"]) for c in told["costs"]] == [(80, 260)]
    legs, cursor = [], ""
    while cursor is not None:
        answer = finance.get(f"{CALL}/legs?limit=1{f'&cursor={cursor}' if cursor else ''}").json()
        legs += answer["items"]
        cursor = answer["next"]
    assert sorted(leg["parcel"] for leg in legs) == sorted(sent)
    assert {(leg["from_node"], leg["to_node"], leg["day"]) for leg in legs} == {(county.stations[0].code, county.hub.code, "2026-05-20")}


def test_a_month_is_closed_with_one_button_and_paid_with_the_settlement(county: SmallCounty) -> None:
    carried(county)
    with clock.at(AFTER):
        finance = signed_in(county, "finance")
        assert "结账，该付 ¥1.60" in finance.get(f"{DESK}?month=2026-05").text
        for _ in range(2):
            answer = finance.post(f"{DESK}/closing", data={"form_key": "k1", "month": "2026-05"})
            assert answer.status_code == 303, answer.text
        page = finance.get(answer.headers["location"]).text
        assert "已结账" in page and "结账，该付" not in page
        assert finance.get("/api/v1/partners?month=2026-05").json()["items"][0]["status"] == "closed"
    with clock.at(AFTER + timedelta(minutes=1)):
        with db.writing() as session:
            mature(session, tenant_id=county.id)
            service.freeze(session, county.county, clock.today(), by="UELSE")
        firm = signed_in(county, "partner", "partner", BUS)
        (statement,) = firm.get("/api/v1/statements").json()["items"]
        assert (statement["party_kind"], statement["party"], statement["payout_fen"]) == ("partner", BUS, 160)
        row = firm.get(f"/api/v1/statements/{statement['code']}").json()["items"][0]
        assert row["words"] == "2026-05 全部班车：2 件 × ¥0.80"
        assert "承运" in firm.get(f"/statements/rows/{row['id']}").text


def test_what_has_no_price_is_named_and_only_the_close_waits(county: SmallCounty) -> None:
    with db.writing() as session:
        carry(session, county)
    with clock.at(AFTER):
        finance = signed_in(county, "finance")
        page = finance.get(f"{DESK}?month=2026-05").text
        assert "1 路班车：2026-05-20 起 1 件" in page and "结账，该付" not in page
        refused = finance.post(f"{DESK}/closing", data={"form_key": "k2", "month": "2026-05"})
        assert (refused.status_code, "没有合同价" in refused.text) == (409, True)
        assert finance.get("/finance/partners?month=2026-05").text.count("缺合同价") == 1
        with db.reading() as session:
            assert session.exec(select(PartnerMonth)).all() == []


def test_a_firm_sees_its_own_months_alone(county: SmallCounty) -> None:
    carried(county)
    firm = signed_in(county, "partner", "partner", BUS)
    page = firm.get("/partner/months?month=2026-05").text
    assert BUS in page and "别家客运" not in page
    assert [firm.get(path).status_code for path in (OWN, f"/partner/months/{quote('别家客运')}", DESK)] == [200, 404, 403]
    assert [firm.get(f"/api/v1/partners/{quote(name)}/months/2026-05").status_code for name in (BUS, "别家客运", "没这家")] == [
        200,
        404,
        404,
    ]
    assert firm.post(f"{CALL}/closing").status_code == 403
    assert {each["firm"] for each in firm.get("/api/v1/partners?month=2026-05").json()["items"]} == {BUS}


@pytest.mark.parametrize("month", ["2026-13", "mai", "٢٠٢٦-05", "0000-01"])
def test_a_month_that_is_none_is_refused(county: SmallCounty, month: str) -> None:
    finance = signed_in(county, "finance")
    for path in ("/finance/partners", DESK, "/api/v1/partners"):
        assert finance.get(path, params={"month": month}).status_code == 422
    assert finance.get(f"/api/v1/partners/{quote(BUS)}/months/{quote(month)}").status_code == 422
    assert finance.post(f"{DESK}/closing", data={"form_key": "k", "month": month}).status_code == 422


def test_a_months_list_and_page_are_read_in_as_many_queries_however_many_legs(county: SmallCounty) -> None:
    from fulfillment.partners import queries, reading

    carried(county, 1)

    def asked() -> list[int]:
        with db.reading() as session:
            deeds = (
                lambda: reading.county_month(session, county.id, MAY),
                lambda: reading.firm_month(session, county.id, BUS, MAY),
                lambda: queries.legs_in(session, county.id, BUS, MAY),
            )
            return [statements_of(deed) for deed in deeds]

    few = asked()
    with db.writing() as session:
        for day in (0, 0, 1, 2):
            carry(session, county, day=day)
    assert asked() == few


def test_finance_writes_a_price_from_a_day_on_and_the_old_one_ends_before_it(county: SmallCounty) -> None:
    with db.writing() as session:
        for day in (0, 1, 2):
            carry(session, county, day=day)
    finance = signed_in(county, "finance")
    form = {"cover": "kind:bus", "basis": "piece", "price": "0.80", "starts": "2026-05-01", "minimum": "", "cap": "", "before": "2.6"}
    assert "还没有合同" in finance.get(f"{DESK}/contracts").text
    for key, more in (("n1", {}), ("n2", {"price": "1.00", "starts": "2026-05-22"})):
        answer = finance.post(f"{DESK}/contracts", data={**form, **more, "form_key": key})
        assert answer.status_code == 303, answer.text
    told = finance.get(CALL).json()
    assert [(line["price"], line["quantity"]) for line in told["lines"]] == [(80, 2), (100, 1)]
    contracts = finance.get(f"/api/v1/partners/{quote(BUS)}/contracts").json()["items"]
    assert [(c["starts"], c["ends"]) for c in contracts] == [("2026-05-01", "2026-05-21"), ("2026-05-22", None)]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cover": "line:sm-l2"}, "选这家企业跑的线路"), ({"cover": "kind:ferry"}, "选这家企业跑的线路"), ({"cover": "<script>"}, "选这家企业跑的线路"),
        ({"basis": "ton"}, "选按什么算"), ({"price": "-1"}, "金额请写成"), ({"price": "0.8.1"}, "金额请写成"), ({"starts": "昨天"}, "没有这一天"),
        ({"basis": "freight_share", "price": "101"}, "分成最多 100%"), ({"price": "999999999"}, "价钱不对"), ({"minimum": "2", "cap": "1"}, "封顶不能比保底少"),
        ({"starts": "2026-04-30"}, "已经有一份了"),
    ],
)  # fmt: skip
def test_a_contract_that_cannot_be_is_refused_where_it_was_typed(county: SmallCounty, wrong: dict[str, str], words: str) -> None:
    carried(county, 0, starts_on=date(2026, 5, 1))
    finance = signed_in(county, "finance")
    form = {"cover": "kind:bus", "basis": "piece", "price": "0.80", "starts": "2026-06-01", "minimum": "", "cap": "", "before": ""}
    answer = finance.post(f"{DESK}/contracts", data={**form, **wrong, "form_key": "w"})
    assert (answer.status_code in (409, 422), words in answer.text) == (True, True), answer.text
    assert len(finance.get(f"/api/v1/partners/{quote(BUS)}/contracts").json()["items"]) == 1


def test_a_price_never_reaches_into_a_closed_month(county: SmallCounty) -> None:
    carried(county)
    with clock.at(AFTER):
        finance = signed_in(county, "finance")
        assert finance.post(f"{CALL}/closing").status_code == 200
        body = {"line": county.lines[0].code, "basis": "piece", "price": 500, "starts": "2026-05-31"}
        path = f"/api/v1/partners/{quote(BUS)}/contracts"
        assert finance.post(path, json=body).json()["code"] == "month_closed"
        made = [finance.post(path, json={**body, "starts": "2026-06-01"}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 201] and made[0].json() == made[1].json()
        assert finance.get(CALL).json()["total_fen"] == 160


def test_two_who_close_at_once_pay_once(county: SmallCounty) -> None:
    carried(county)

    def press(_n: int) -> str:
        with clock.at(AFTER):
            return db.run_write(lambda session: close(session, county.id, BUS, MAY, by="UFINANCE").code)

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(press, range(4)))
    assert len(set(codes)) == 1
    with db.reading() as session:
        assert len(session.exec(select(PartnerMonth)).all()) == 1
        (journal,) = session.exec(select(Journal).where(Journal.kind == "carriage")).all()
        assert journal.cause_code == codes[0]
