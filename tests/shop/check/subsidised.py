"""Subsidies of the small installation: awarded, waiting under a cap and for a budget, taken back; a version of the desk's; a funder's payment."""

from datetime import timedelta

from core import clock, db
from fulfillment.subsidies import service
from fulfillment.subsidies.loading import adopt
from supply.counties.profile_subsidies import SubsidyRule
from tests.county import SmallCounty

ONE, TWO = "UFINANCE1", "UFINANCE2"


def subsidise(county: SmallCounty) -> None:
    start = clock.today().replace(day=1) - timedelta(days=400)
    rule = SubsidyRule(
        code="sm-grant", name="三轮车保险补贴", funder="县财政", basis="grant", beneficiary="station", starts=start,
        ends=start + timedelta(days=2000), budget_fen=20_000, evidence="保单", fen_by_year=(5_000,), cap_fen=5_000, cap_every="year",
    )  # fmt: skip
    with db.writing() as session:
        fund = adopt(session, rule, county.id)
        for n, document in enumerate(("保单 1", "保单 2", "保单 3")):
            station = county.stations[min(n, 1)].code
            proof = service.enter_evidence(
                session, fund, party_kind="station", party_code=station, document=document, what="一年", on_date=clock.today(), amount_fen=0,
                grade="", period="", by=ONE,
            )  # fmt: skip
            service.confirm_evidence(session, proof, by=TWO)
        proof = service.enter_evidence(
            session, fund, party_kind="station", party_code=county.stations[2].code, document="保单 4", what="", on_date=clock.today(),
            amount_fen=0, grade="", period="", by=ONE,
        )  # fmt: skip
        service.confirm_evidence(session, proof, by=TWO)
        service.withdraw_evidence(session, proof, by=ONE)
        service.receive(session, fund, 3_000, reference="回单 1", by=ONE)
        desk = rule._replace(code="sm-desk", name="建站补贴", cap_fen=None, cap_every=None)
        drafted = service.draft(session, desk, desk.starts, tenant_id=county.id, by=ONE)
        service.decide(session, drafted, by=TWO, approve=True)
