"""Subsidies in words: what a programme pays for and on which conditions, and how an award was reckoned."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from core import i18n
from core.money import format_fen
from fulfillment.network.models import Line, Zone
from fulfillment.settlement.words import names_of
from supply.counties.profile_subsidies import SubsidyRule
from supply.stations.models import Node

from .due import Due

_ = i18n.gettext
PIECE_OUT = i18n.kept("{name}：寄出一件，补 {fee} 元")
PIECE_IN = i18n.kept("{name}：到村一件，补 {fee} 元")
GROWN = i18n.kept("{name}：比基数 {base} 件多出的第 {n} 件，补 {fee} 元")
VEHICLE = i18n.kept("{name}：{plate} {month} 跑了 {runs} 趟，补 {fee} 元")
VEHICLE_ONCE = i18n.kept("{name}：{plate} 跑满 {months} 个月，补 {fee} 元")
STATION = i18n.kept("{name}：{period} 正常运行，补 {fee} 元")
GRADED = i18n.kept("{name}：{period} 考核 {grade}，补 {fee} 元")
GRANT = i18n.kept("{name}：凭 {document}，补 {fee} 元")
SALE = i18n.kept("{name}：网上卖出 {sold} 元，补 {fee} 元")


def sentence(rule: SubsidyRule, due: Due, amount_fen: int) -> str:
    """How an award was reckoned, as its row keeps it."""
    facts, fee = due.facts, format_fen(amount_fen)
    if due.cause_kind == "parcel":
        if "over" in facts:
            return GROWN.format(name=rule.name, base=facts["base"], n=facts["over"], fee=fee)
        return (PIECE_OUT if facts["direction"] == "out" else PIECE_IN).format(name=rule.name, fee=fee)
    if due.cause_kind == "vehicle":
        plate = facts["plate"] or due.cause_code
        if rule.basis == "vehicle_once":
            return VEHICLE_ONCE.format(name=rule.name, plate=plate, months=facts["months"], fee=fee)
        return VEHICLE.format(name=rule.name, plate=plate, month=due.period, runs=facts["runs"], fee=fee)
    if due.cause_kind == "station":
        if "grade" in facts:
            return GRADED.format(name=rule.name, period=due.period, grade=facts["grade"], fee=fee)
        return STATION.format(name=rule.name, period=due.period, fee=fee)
    if due.cause_kind == "evidence":
        return GRANT.format(name=rule.name, document=facts["document"], fee=fee)
    return SALE.format(name=rule.name, sold=format_fen(int(facts["of_fen"])), fee=fee)


def basis_words() -> dict[str, str]:
    return {
        "piece": _("按件"), "vehicle_month": _("按车按月"), "vehicle_once": _("每辆车跑满一次"), "station": _("按驿站"),
        "grant": _("凭单据"), "sale": _("按网上销售"),
    }  # fmt: skip


def beneficiary_words() -> dict[str, str]:
    return {"station": _("驿站"), "grower": _("农户"), "partner": _("合作企业"), "platform": _("县平台")}


def award_words() -> dict[str, str]:
    return {"waiting": _("还没补上"), "awarded": _("已补"), "reversed": _("已收回")}


def waits_words() -> dict[str, str]:
    return {"budget": _("预算不够"), "cap": _("超过上限"), "": ""}


def version_words() -> dict[str, str]:
    return {"draft": _("等第二个人批"), "in_force": _("执行中"), "refused": _("没批")}


def energy_words() -> dict[str, str]:
    return {
        "electric": _("纯电"), "hybrid": _("混动"), "diesel": _("柴油"), "petrol": _("汽油"), "gas": _("燃气"), "none": _("不用油电"),
    }  # fmt: skip


def storage_words() -> dict[str, str]:
    return {"ambient": _("常温"), "chilled": _("冷藏"), "frozen": _("冷冻")}


def direction_words() -> dict[str, str]:
    return {"out": _("寄出"), "in": _("到村")}


def every_words() -> dict[str, str]:
    return {"month": _("每月"), "year": _("每年"), "whole": _("一共")}


def amounts_told(rule: SubsidyRule) -> list[str]:
    """How much, a sentence a way."""
    if rule.steps is not None:
        base = _("基数每月 {n} 件").format(n=rule.base_pieces) if rule.base_pieces is not None else _("基数是去年同月的件数")
        return [base] + [_("多出 {n} 件以后，每件 {fee} 元").format(n=s.above_pieces, fee=format_fen(s.fen)) for s in rule.steps]
    if rule.grades is not None:
        told = [_("考核 {grade}：{fee} 元").format(grade=g.grade, fee=format_fen(g.fen)) for g in rule.grades]
    elif rule.share_bp is not None:
        told = [_("按 {n}% 补").format(n=f"{rule.share_bp / 100:g}")]
        if rule.most_fen is not None:
            told.append(_("一笔最多 {fee} 元").format(fee=format_fen(rule.most_fen)))
    elif len(rule.fen_by_year or ()) > 1:
        told = [_("第 {n} 年 {fee} 元").format(n=n, fee=format_fen(fen)) for n, fen in enumerate(rule.fen_by_year or (), 1)]
    else:
        told = [_("{fee} 元").format(fee=format_fen(fen)) for fen in rule.fen_by_year or ()]
    if rule.first_fen is not None:
        told.insert(0, _("第一次 {fee} 元，以后：").format(fee=format_fen(rule.first_fen)))
    return told


def conditions_told(session: Session, rule: SubsidyRule, tenant_id: int) -> list[tuple[str, str]]:
    """Every condition as a name and what it must be; at most three queries."""
    nodes = _named(session, Node, rule.nodes)
    lines = _named(session, Line, rule.lines)
    zones: dict[str, str] = {}
    if rule.zones:
        rows = session.exec(select(Zone.code, Zone.name).where(Zone.tenant_id == tenant_id, col(Zone.code).in_(rule.zones)))
        zones = dict(rows.all())
    told: list[tuple[str, str]] = []
    for word, values, names in (
        (_("方向"), rule.directions, direction_words()), (_("寄往"), rule.zones, zones), (_("村和驿站"), rule.nodes, nodes),
        (_("温层"), rule.storage, storage_words()), (_("品类"), rule.categories, {}), (_("货"), rule.products, {}),
        (_("线路"), rule.lines, lines), (_("车用什么能源"), rule.energies, energy_words()),
    ):  # fmt: skip
        if values:
            told.append((word, "、".join(names.get(value, value) for value in values)))
    if rule.announced:
        told.append((_("线路要求"), _("已经正式开通的")))
    if rule.months:
        told.append((_("月份"), "、".join(i18n.month(month) for month in rule.months)))
    for word, number, words in (
        (_("每月至少"), rule.min_runs, _("{n} 趟")), (_("至少"), rule.min_pieces, _("{n} 件")),
        (_("跑满"), rule.after_months, _("{n} 个月")),
    ):  # fmt: skip
        if number is not None:
            told.append((word, words.format(n=number)))
    if rule.cap_fen is not None:
        told.append((_("每家最多"), _("{every} {fee} 元").format(every=every_words()[rule.cap_every or ""], fee=format_fen(rule.cap_fen))))
    return told


def _named(session: Session, table: type[Node] | type[Line], codes: Sequence[str] | None) -> dict[str, str]:
    if not codes:
        return {}
    return dict(session.exec(select(table.code, table.name).where(col(table.code).in_(codes))).all())


def party_names(session: Session, parties: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """What people call the beneficiaries."""
    return {**names_of(session, parties), ("platform", ""): _("县平台")}
