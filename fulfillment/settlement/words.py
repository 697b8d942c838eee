"""The words of statements: whose they are, how they stand, how they are paid."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from core import i18n
from core.auth.models import User
from supply.growers.models import Grower
from supply.stations.models import Station

_ = i18n.gettext
PARTIES = ("station", "grower", "seller", "partner")


def run_words() -> dict[str, str]:
    return {
        "frozen": _("待复核"), "approved": _("已复核"), "exported": _("已交银行"), "paid": _("已付款"), "reconciled": _("已对账"),
        "void": _("已作废"),
    }  # fmt: skip


def statement_words() -> dict[str, str]:
    return {"frozen": _("待付款"), "paid": _("已付款"), "reconciled": _("已对账"), "returned": _("银行退回"), "void": _("已作废")}


def way_words() -> dict[str, str]:
    return {"bank": _("银行转账"), "alipay": _("支付宝"), "hand": _("凭单领取")}


def party_words() -> dict[str, str]:
    return {"station": _("驿站站长"), "grower": _("农户"), "seller": _("主播"), "partner": _("合作企业")}


def dispute_words() -> dict[str, str]:
    return {"open": _("等财务答复"), "granted": _("已补差额"), "refused": _("维持原数"), "reduced": _("已扣差额")}


def names_of(session: Session, parties: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What people call the parties (kind, code); their code where nobody is known by it. At most three queries."""
    found = {party: party[1] for party in parties}
    for kind, code, name in (
        ("station", Station.code, Station.name), ("grower", Grower.code, Grower.name), ("seller", User.code, User.name),
    ):  # fmt: skip
        if codes := [c for k, c in parties if k == kind]:
            found |= {(kind, known): words for known, words in session.exec(select(code, name).where(col(code).in_(codes)))}
    return found
