"""Sharing out a trade's money inside Alipay (分账): receivers are bound once, then a paid trade gives each its part.

A receiver is an Alipay user number (2088…), or the phone or mail address that somebody signs in with.

Alipay's rules: at most five receivers a request when the answer is to be final, usually not more than 30 % of the trade, and a
frozen rest is set free after 30 days. The request's number is the idempotency key, as everywhere.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core import i18n

from .alipay import REFUSED, must_be_sure, yuan
from .alipay_client import DONE, ask
from .provider import GatewayRefused, GatewaySilent

_ = i18n.gettext
MOST_RECEIVERS = 5
ANOTHER = "ACQ.DISCORDANT_REPEAT_REQUEST"  # the number was used with other parts: that says nothing of these
_USER = re.compile(r"2088[0-9]{12}")


class ShareRefused(GatewayRefused):
    """Alipay decided: not to this receiver, or not out of this trade. Other refusals speak of our keys or rights and decide nothing."""

    code = "share_refused"


class Receiver(NamedTuple):
    """Who may be given a part, with the real name it is checked against."""

    account: str
    name: str


def kind_of(account: str) -> str:
    return "userId" if _USER.fullmatch(account) else "loginName"


def bind_receivers(request: str, receivers: Sequence[Receiver]) -> None:
    """Tell Alipay who may receive parts; bound again changes nothing. Raises GatewaySilent, ShareRefused, GatewayRefused."""
    told = [{"type": kind_of(each.account), "account": each.account, "name": each.name} for each in receivers]
    answer = ask("AlipayTradeRoyaltyRelationBind", {"out_request_no": request, "receiver_list": told})
    if answer.code != DONE or answer.result_code != "SUCCESS":
        must_be_sure(answer)
        refusal = ShareRefused if answer.code in (DONE, REFUSED) else GatewayRefused
        raise refusal(_("支付宝没有绑上这些收款人"))


def share_out(trade_no: str, request: str, parts: Mapping[str, int], *, is_last: bool) -> str:
    """Give parts of a paid trade (Alipay's own number, a capture's `ref`) to bound accounts, fen each, all or none.

    `is_last` frees what stays with us. Returns Alipay's number of the act; the same request again is the same act.
    Raises GatewaySilent, ShareRefused, GatewayRefused.
    """
    if not 0 < len(parts) <= MOST_RECEIVERS:
        raise GatewayRefused(_("一次最多分给 {n} 个收款人").format(n=MOST_RECEIVERS))
    told = [
        {"royalty_type": "transfer", "trans_in_type": kind_of(account), "trans_in": account, "amount": yuan(fen)}
        for account, fen in parts.items()
    ]
    answer = ask(
        "AlipayTradeOrderSettle",
        {
            "out_request_no": request, "trade_no": trade_no, "royalty_parameters": told, "royalty_mode": "sync",
            "extend_params": {"royalty_finish": "true" if is_last else "false"},
        },
    )  # fmt: skip
    if answer.code != DONE:
        must_be_sure(answer)
        if answer.sub_code == ANOTHER:
            raise GatewaySilent(_("支付宝用这个号分过别的，要有人去看"))
        refusal = ShareRefused if answer.code == REFUSED else GatewayRefused
        raise refusal(_("支付宝没有接受这次分账"))
    return str(answer.settle_no)


def was_shared(trade_no: str, request: str) -> bool:
    """Whether Alipay gave the parts of this request: its own word, where an answer to the request itself was lost.

    Raises GatewaySilent while it is at it or does not answer, GatewayRefused.
    """
    answer = ask("AlipayTradeOrderSettleQuery", {"trade_no": trade_no, "out_request_no": request})
    if answer.code == REFUSED:
        must_be_sure(answer)
        return False
    if answer.code != DONE:
        must_be_sure(answer)
        raise GatewayRefused(_("支付宝没有接受这个请求"))
    states = {each.state for each in answer.royalty_detail_list or []}
    if "PROCESSING" in states:
        raise GatewaySilent(_("支付宝还在分，稍等一会儿再问"))
    return states == {"SUCCESS"}
