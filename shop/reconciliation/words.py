"""The words of reconciliation: gateways, how a day stands, what differs."""

from core import i18n

from .models import Differs

_ = i18n.gettext


def provider_words() -> dict[str, str]:
    return {"sandbox": _("演示收银台"), "alipay": _("支付宝"), "stripe": _("银行卡")}


def standing_words() -> dict[str, str]:
    return {"awaited": _("账单还没来"), "differs": _("有出入"), "matched": _("对平")}


def about_words() -> dict[str, str]:
    return {"payment": _("收款"), "refund": _("退款"), "royalty": _("分账"), "payout": _("到银行"), "other": _("别的")}


def exception_words() -> dict[str, str]:
    return {
        Differs.MISSING_HERE: _("通道说有，我们没有"), Differs.MISSING_THERE: _("我们有，通道账单上没有"), Differs.AMOUNT: _("金额不一样"),
        Differs.UNKNOWN: _("不认识的单号"), Differs.TWICE: _("账单上出现两次"), Differs.PAYOUT: _("到银行的钱还没记账"),
        Differs.OTHER: _("别的变动，比如拒付或调整"),
    }  # fmt: skip


def next_words() -> dict[str, str]:
    """What to do about it."""
    return {
        Differs.MISSING_HERE: _("系统每小时会去问一次通道，问到了自己入账。过了一天还在，请打通道的客服电话。"),
        Differs.MISSING_THERE: _("多半在明天的账单上，到时候自己消掉。过了两天还在，请拿单号问通道。"),
        Differs.AMOUNT: _("不要退款，也不要补单。请拿单号问通道，哪边错了。"),
        Differs.UNKNOWN: _("看看是不是别的店用了同一个收款账号。"),
        Differs.TWICE: _("只算了一次。请问通道为什么写了两次。"),
        Differs.PAYOUT: _("几个县共用这个收款账号：把本县的一份在“钱到银行了”里记上，再写明。"),
        Differs.OTHER: _("打开通道的后台看是什么，该记的账用新的一笔记，这里写明。"),
    }  # fmt: skip


def status_words() -> dict[str, str]:
    return {"open": _("等处理"), "explained": _("等另一位财务看"), "closed": _("已了结"), "healed": _("自己对上了")}
