"""A row of subsidy opens to its award: who pays, by which programme, and the parcel, order, vehicle, station or document it is for."""

from sqlmodel import Session, col, select

from core import i18n
from core.money import format_fen
from fulfillment.income.causes import Cause, opens

from .models import SubsidyAward, SubsidyVersion
from .rules import rule_of
from .words import direction_words, energy_words

_ = i18n.gettext


@opens("subsidy")
def tell_award(session: Session, tenant_id: int, code: str) -> Cause | None:
    row = session.exec(
        select(SubsidyAward, SubsidyVersion)
        .join(SubsidyVersion, col(SubsidyVersion.id) == col(SubsidyAward.version_id))
        .where(SubsidyAward.tenant_id == tenant_id, SubsidyAward.code == code)
    ).first()
    if row is None:
        return None
    award, version = row
    rule = rule_of(version)
    facts = [(_("谁出钱"), rule.funder), (_("哪个月"), f"{award.month:%Y-%m}"), *facts_of(award)]
    return Cause(rule.name, facts, href_of(award))


def facts_of(award: SubsidyAward) -> list[tuple[str, str]]:
    """What an award was reckoned from, for people."""
    facts = award.facts
    told = {"parcel": _("包裹"), "order_line": _("订单"), "vehicle": _("车"), "station": _("驿站"), "evidence": _("单据")}
    shown = [(told[award.cause_kind], str(facts.get("plate") or facts.get("document") or facts.get("order") or award.cause_code))]
    if award.cause_kind == "parcel":
        shown = [(told["parcel"], award.cause_code), (_("方向"), direction_words()[facts["direction"]])]
    for name, word in (
        ("runs", _("趟数")),
        ("days", _("跑了几天")),
        ("months", _("跑了几个月")),
        ("pieces", _("件数")),
        ("grade", _("考核")),
    ):
        if name in facts:
            shown.append((word, str(facts[name])))
    if "energy" in facts:
        shown.append((_("能源"), energy_words().get(facts["energy"], facts["energy"])))
    if int(facts.get("of_fen", 0)):
        shown.append((_("按多少算"), f"¥{format_fen(int(facts['of_fen']))}"))
    return shown


def href_of(award: SubsidyAward) -> str:
    return f"/track/{award.cause_code}" if award.cause_kind == "parcel" else ""
