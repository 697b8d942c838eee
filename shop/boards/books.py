"""/finance – the books, read only: the trial balance by group, the accounts of a group, an account's entries."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from core import i18n
from core.auth.pages import homes
from core.db import Read
from core.ledger.models import Journal
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register

from . import ledger

router = APIRouter()
_ = i18n.gettext
Treasurer = Annotated[Actor, Depends(allow("finance", "admin"))]
homes.update(finance="/finance")
BOOKS = Entry(1, "/finance", "账本", "coin")
register("county", BOOKS)
register("finance", BOOKS)


def kind_words() -> dict[str, str]:
    return {
        "capture": _("收到货款"), "share": _("按下单时的约定分账"), "refund": _("退款"), "handling": _("打包费"),
        "reverse_share": _("退款冲回分账"), "reverse_handling": _("冲回打包费"),
        "cash": _("驿站收到现金"), "cash_over": _("点钞多出来的"), "cash_in": _("驿站交上现金"), "reverse_cash": _("撤回记错的现金"),
        "netting": _("结算扣下手里的现金"), "reverse_netting": _("作废结算，现金退回账上"), "payout": _("结算单已付"),
        "royalty": _("支付宝从买家付款里分给收款人"),
        "payout_done": _("银行确认付款"), "payout_back": _("银行退回付款"), "dispute": _("答复疑问补的差额"),
        "subsidy": _("补贴"), "subsidy_back": _("收回补贴"), "subsidy_in": _("补贴拨款到账"),
        "gateway_fee": _("支付通道扣的服务费"), "gateway_payout": _("支付通道的钱到银行"), "reverse_gateway_payout": _("冲回记错的到账"),
        "carriage": _("合作企业一个月的承运费"),
        "giveback": _("退款从各方扣回"), "reverse_refund": _("退款没退成，钱回来了"), "disputed": _("拒付，银行扣下"),
        "reverse_disputed": _("拒付有了结果"), "dispute_loss": _("拒付输了，平台承担"),
    }  # fmt: skip


def account_words() -> dict[str, str]:
    return {
        "gateway": _("支付通道"), "buyer": _("买家待结"), "transport": _("运输"), "platform": _("平台"), "station": _("驿站站长"),
        "grower": _("农户"), "seller": _("主播"), "partner": _("合作企业"), "bank": _("银行"), "cash": _("驿站手里的现金"),
        "netting": _("结算中扣下的现金"), "sharing": _("支付宝分出去、等结算单记付"),
        "payout": _("已付待银行确认"), "coupons": _("优惠券补贴"), "funder": _("拨补贴的单位欠"),
        "fee": _("支付通道服务费"), "disputed": _("银行扣下的拒付款"), "debt": _("从下次收入里扣的欠款"),
        "other": _("其他"),
    }  # fmt: skip


def gateway_words() -> dict[str, str]:
    return {"sandbox": _("演示收银台"), "alipay": _("支付宝"), "stripe": _("银行卡")}


def named(account: ledger.AccountLine) -> str:
    """An account as people call it."""
    own = account_words().get(account.kind, account_words()["other"])
    if account.kind == "gateway":
        return gateway_words().get(account.party, own)
    return account.name or own


def told(journal: Journal) -> str:
    """What an entry is about."""
    return i18n.retold(journal.memo) if journal.memo else kind_words().get(journal.kind, account_words()["other"])


def cause(journal: Journal) -> tuple[str, str]:
    """What it is an entry of, in words, and where that can be read."""
    if journal.cause_kind == "parcel":
        return _("包裹 {code}").format(code=journal.cause_code), f"/track/{journal.cause_code}"
    if journal.cause_kind == "statement":
        return _("结算单 {code}").format(code=journal.cause_code), f"/statements/{journal.cause_code}"
    if journal.cause_kind == "bill":
        return _("对账单 {code}").format(code=journal.cause_code), f"/finance/reconciliation/{journal.cause_code}"
    return (_("订单 {number}").format(number=journal.cause_code), "") if journal.cause_kind == "order" else (journal.cause_code, "")


def _words() -> dict[str, Any]:
    return {"names": account_words(), "named": named, "told": told, "cause": cause}


@router.get("/finance")
def finance(request: Request, session: Read, actor: Treasurer, cursor: str | None = None) -> Response:
    groups = ledger.trial_balance(session, tenant_id=actor.tenant_id)
    debit, credit = ledger.sides(groups)
    rows, following = ledger.journals(session, tenant_id=actor.tenant_id, cursor=cursor)
    return page(
        request, "boards/finance.html", block="books", groups=groups, debit=debit, credit=credit, journals=rows, following=following,
        is_first=not cursor, **_words(),
    )  # fmt: skip


@router.get("/finance/accounts")
def accounts(
    request: Request, session: Read, actor: Treasurer, kind: Annotated[str, Query(max_length=40)] = "", cursor: str | None = None
) -> Response:  # fmt: skip
    """A group's accounts, those with most in them first; all of them without a group."""
    chosen = kind if kind in account_words() else ""
    rows, following = ledger.accounts(session, tenant_id=actor.tenant_id, kind=chosen, cursor=cursor)
    groups = [group for group in ledger.trial_balance(session, tenant_id=actor.tenant_id) if chosen in ("", group.kind)]
    return page(
        request, "boards/accounts.html", block="accounts", kind=chosen, accounts=rows, following=following, is_first=not cursor,
        groups=groups, **_words(),
    )  # fmt: skip


@router.get("/finance/accounts/{code}")
def account(request: Request, code: str, session: Read, actor: Treasurer, cursor: str | None = None) -> Response:
    """An account's entries, newest first, with what it held after each."""
    found, account_id = ledger.account_named(session, code, tenant_id=actor.tenant_id)
    rows, following = ledger.movements(session, found, account_id, cursor=cursor)
    return page(
        request, "boards/account.html", block="account", account=found, movements=rows, following=following, is_first=not cursor, **_words()
    )
