"""A run's royalty list: who was given what out of which payment, as CSV beside the payment files and audited like them."""

from collections.abc import Sequence

from sqlmodel import Session

from core import audit, i18n
from core.sheets import Cell, write_csv, yuan
from fulfillment.settlement.files import CSV, File, account_of
from fulfillment.settlement.models import SettlementRun

from .queries import Shown, parts
from .words import share_words

_ = i18n.gettext
WHOLE = 1_000_000


def take_list(session: Session, run: SettlementRun, *, by: str) -> File:
    """Account numbers stand in it in full: whoever takes it leaves an audit row."""
    found, _following = parts(session, run, limit=WHOLE)
    audit.record(session, "settlement.royalty_list", tenant_id=run.tenant_id, actor=f"user:{by}", subject=run.code, parts=len(found))
    return File(f"{run.code}-royalty.csv", CSV, write_csv(rows_of(found)))


def rows_of(found: Sequence[Shown]) -> list[list[Cell]]:
    words = share_words()
    head: list[Cell] = [
        _("分账请求号"), _("支付宝交易号"), _("订单"), _("收款支付宝账号"), _("收款人姓名"), _("金额（元）"), _("结算单"), _("怎样了"),
        _("原因"),
    ]  # fmt: skip
    lines: list[list[Cell]] = [
        [
            each.request.code, each.trade, each.order, account_of(each.statement), each.statement.holder, yuan(each.part.amount_fen),
            each.statement.code, words[each.status], i18n.retold(each.reason),
        ]
        for each in found
    ]  # fmt: skip
    return [head, *lines]
