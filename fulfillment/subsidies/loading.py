"""A county's subsidies come into the installation with its file: in force as loaded, the county's own word being the approval."""

from sqlmodel import Session

from core import clock, codes
from core.status import began
from supply.counties.profile_rows import Profile
from supply.counties.profile_subsidies import SubsidyRule

from .models import VERSION, Origin, SubsidyFund, SubsidyVersion, VersionState
from .rules import as_row


def load_subsidies(session: Session, profile: Profile, tenant_id: int) -> None:
    for rule in profile.county.subsidies or ():
        adopt(session, rule, tenant_id)


def adopt(session: Session, rule: SubsidyRule, tenant_id: int) -> SubsidyFund:
    """The first version of one programme."""
    fund = SubsidyFund(tenant_id=tenant_id, code=rule.code, budget_fen=rule.budget_fen)
    session.add(fund)
    session.flush()
    version = SubsidyVersion(
        tenant_id=tenant_id, code=codes.new_code("SV"), fund_id=fund.id or 0, version=1, from_on=rule.starts, rule=as_row(rule),
        state=VersionState.IN_FORCE, origin=Origin.COUNTY, drafted_at=clock.now(), decided_at=clock.now(),
    )  # fmt: skip
    session.add(version)
    session.flush()
    began(session, VERSION, VersionState.IN_FORCE, tenant_id=tenant_id, subject=version.code)
    return fund
