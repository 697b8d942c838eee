"""A document as it is typed at the desk: whose it is, found by name or code, and what the programme asks of it."""

import re
from datetime import date

from sqlmodel import Session, col, or_, select

from core import i18n
from core.errors import Refused
from core.moments import read_day
from core.permissions import Actor
from core.text import clean
from core.web.forms import fen
from fulfillment.network.models import Line
from supply.counties.profile_subsidies import SubsidyRule
from supply.growers.models import Grower
from supply.stations.models import Station

from . import service
from .forms import EvidenceForm
from .models import SubsidyEvidence
from .queries import programmes

_ = i18n.gettext


def enter(session: Session, actor: Actor, code: str, form: EvidenceForm) -> SubsidyEvidence:
    """Raises SubsidyUnknown, Refused, Known."""
    fund = service.fund_named(session, code, tenant_id=actor.tenant_id)
    (found,) = programmes(session, actor.tenant_id, code=code)
    rule = found.rule
    if rule.basis != "grant" and rule.grades is None:
        raise Refused(_("这项补贴不看单据"), field="document")
    grade, period = form.grade.strip(), form.period.strip()
    if rule.grades is not None:
        if grade not in {each.grade for each in rule.grades}:
            raise Refused(_("选一个考核等次"), field="grade")
        if not re.fullmatch(r"\d{4}" if rule.every == "year" else r"\d{4}-(0[1-9]|1[0-2])", period, re.ASCII):
            raise Refused(_("写成 2026") if rule.every == "year" else _("写成 2026-05"), field="period")
    amount = fen(form.amount, "amount", empty=0)
    if rule.share_bp is not None and not amount:
        raise Refused(_("写下单据上的金额"), field="amount")
    return service.enter_evidence(
        session, fund, party_kind=rule.beneficiary, party_code=_party(session, rule, clean(form.party), actor.tenant_id),
        document=clean(form.document)[:100], what=clean(form.what)[:100], on_date=_day(form.on_date, rule), amount_fen=amount,
        grade=grade if rule.grades is not None else "", period=period if rule.grades is not None else "", by=actor.user_code,
    )  # fmt: skip


def _day(text: str, rule: SubsidyRule) -> date:
    try:
        day = read_day(text.strip())
    except ValueError as wrong:
        raise Refused(_("没有这一天，请写成 2026-05-23"), field="on_date") from wrong
    if not rule.starts <= day <= rule.ends:
        raise Refused(_("这一天不在补贴的起止日子里"), field="on_date")
    return day


def _party(session: Session, rule: SubsidyRule, named: str, tenant_id: int) -> str:
    """The code of who is paid. Raises Refused where nobody is called so, or several are."""
    if rule.beneficiary == "platform":
        return ""
    if rule.beneficiary == "partner":
        found = set(session.exec(select(Line.operator).where(Line.tenant_id == tenant_id, Line.operator == named, Line.operator != "")))
    else:
        table = Station if rule.beneficiary == "station" else Grower
        called = or_(col(table.code) == named, col(table.name) == named)
        found = set(session.exec(select(table.code).where(table.tenant_id == tenant_id, called)))
    if not found:
        raise Refused(_("县里没有叫这个名字的，看看有没有写错"), field="party")
    if len(found) > 1:
        raise Refused(_("叫这个名字的不止一家，请写编号：{codes}").format(codes="、".join(sorted(found)[:5])), field="party")
    return found.pop()
