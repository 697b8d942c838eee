"""Alipay: pages on computers and phones, a QR code, and what stands behind them.

The attempt's code is Alipay's `out_trade_no`: one trade, whichever way it is paid. The refund's code is `out_request_no`,
under which Alipay gives money back once, for ever.
"""

import logging
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from core import clock, i18n
from core.money import parse_yuan
from core.settings import settings

from . import alipay_keys, alipay_notice
from .alipay_bill import bill_of
from .alipay_client import DONE, GATEWAY, address, ask
from .provider import Action, Bill, BillLine, GatewayRefused, GatewaySilent, MethodUnknown, Notice, RefundAsk, Verdict, Way

log = logging.getLogger("jishi.payments.alipay")
_ = i18n.gettext
NOT_THERE = "ACQ.TRADE_NOT_EXIST"  # nobody opened the cashier yet: Alipay makes the trade when a buyer does
REFUSED = "40004"  # the business was; other codes speak of the request
UNSURE = {"ACQ.SYSTEM_ERROR", "AOP.ACQ.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error", "aop.unknow-error"}
PAGES = {
    "page": ("AlipayTradePagePay", {"product_code": "FAST_INSTANT_TRADE_PAY"}),
    "wap": ("AlipayTradeWapPay", {"product_code": "QUICK_WAP_WAY"}),
}


class Alipay:
    name = "alipay"
    methods = frozenset({"page", "wap", "qr"})
    title = i18n.marked("支付宝")
    note = ""
    is_blocked_in_wechat = True
    bill_after = timedelta(hours=10)  # Alipay writes it in the morning

    @property
    def sends_to(self) -> tuple[str, ...]:
        """Alipay leads on from the gateway to its cashiers, and a browser holds each step against the policy."""
        own = urlsplit(settings.alipay_gateway or GATEWAY)
        return ("https://*.alipay.com", f"{own.scheme}://{own.netloc}")

    def is_ready(self) -> bool:
        private, public = settings.alipay_private_key, settings.alipay_public_key
        if not (settings.alipay_app_id and settings.alipay_seller_id and private and public):
            return False
        return _can_be_read(private, public)

    def ways(self, *, on_phone: bool) -> list[Way]:
        if on_phone:
            return [Way("wap", _("去支付宝付"))]
        return [Way("qr", _("用手机扫码付")), Way("page", _("在这台电脑上登录支付宝付"))]

    def start(self, bill: Bill) -> Action:
        fields = {
            "out_trade_no": bill.payment, "total_amount": yuan(bill.amount_fen), "subject": f"订单 {bill.order_number}",
            "time_expire": clock.local(bill.pay_by).strftime("%Y-%m-%d %H:%M:%S"),
        }  # fmt: skip
        notify = f"{settings.address}/webhooks/alipay"
        if bill.method in PAGES:
            name, product = PAGES[bill.method]
            own = {"quit_url": f"{settings.address}/pay/{bill.payment}"} if bill.method == "wap" else {}
            back = f"{settings.address}/pay/{bill.payment}?back=1"
            return Action("redirect", address(name, {**fields, **product, **own}, back=back, notify=notify))
        if bill.method != "qr":
            raise MethodUnknown(_("这种付款方式没有这个用法"), field="method")
        answer = ask("AlipayTradePrecreate", {**fields, "notify_url": notify})
        _must_be_done(answer)
        return Action("qr", str(answer.qr_code))

    def query(self, bill: Bill) -> Verdict:
        answer = ask("AlipayTradeQuery", {"out_trade_no": bill.payment})
        if answer.sub_code == NOT_THERE:
            return Verdict("pending")
        _must_be_done(answer)
        if answer.out_trade_no != bill.payment:
            raise GatewaySilent(_("支付宝答的是另一笔付款"))
        # A trade that was paid and wholly given back at Alipay's own desk is closed too: no money is there, so nothing was paid.
        state = alipay_notice.STATES.get(answer.trade_status, "unknown")
        return Verdict(state, parse_yuan(str(answer.total_amount)), "CNY", str(answer.trade_no or "")[:64])

    def close(self, bill: Bill) -> Verdict:
        answer = ask("AlipayTradeClose", {"out_trade_no": bill.payment})
        if answer.sub_code == NOT_THERE:
            return Verdict("closed")
        return self.query(bill)  # closed now, or paid meanwhile

    def refund(self, asked: RefundAsk) -> str:
        answer = ask(
            "AlipayTradeRefund",
            {"out_trade_no": asked.payment, "refund_amount": yuan(asked.amount_fen), "out_request_no": asked.code},
        )
        if answer.code == DONE and answer.fund_change == "Y":
            return "done"
        if answer.code == DONE:  # money moved under this number before, or not at all: Alipay's own word decides
            return self._refunded(asked)
        must_be_sure(answer)
        if answer.code != REFUSED:  # our own keys or rights are wrong: nothing about this refund was decided
            raise GatewayRefused(_("支付宝没有接受这个请求"))
        return "failed"

    def _refunded(self, asked: RefundAsk) -> str:
        answer = ask("AlipayTradeFastpayRefundQuery", {"out_trade_no": asked.payment, "out_request_no": asked.code})
        if answer.code == DONE and answer.refund_status == "REFUND_SUCCESS" and parse_yuan(str(answer.refund_amount)) == asked.amount_fen:
            return "done"
        raise GatewaySilent(_("支付宝还没有说退款成了"))

    def bill(self, day: date) -> list[BillLine]:
        return bill_of(day)

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        return alipay_notice.verified(headers, body)

    def parse(self, body: bytes) -> Notice:
        return alipay_notice.read(body)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def must_be_sure(answer: Any) -> None:
    """Raises GatewaySilent where Alipay itself does not know what it did."""
    if answer.code == "20000" or answer.sub_code in UNSURE:
        raise GatewaySilent(_("支付宝没有回话，稍等一会儿再试；已经付的钱不会丢"))


def _must_be_done(answer: Any) -> None:
    """`is_success` of the SDK means no more than that no sub code came; only 10000 is done. Raises GatewaySilent, GatewayRefused."""
    if answer.code == DONE:
        return
    must_be_sure(answer)
    raise GatewayRefused(_("支付宝没有接受这笔付款，换一种方式，或重新下单"))


@lru_cache(maxsize=2)
def _can_be_read(private: str, public: str) -> bool:
    try:
        alipay_keys.private_key(private), alipay_keys.public_key(public)
    except alipay_keys.BadKey as wrong:
        log.error("Alipay is not offered: %s", wrong)
        return False
    return True
