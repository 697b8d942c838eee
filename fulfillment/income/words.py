"""Income's words on screens."""

from core import i18n

_ = i18n.gettext


def source_words() -> dict[str, str]:
    return {
        "sale": _("卖货提成"), "on_behalf": _("帮人代买"), "handling": _("代收代发"), "service": _("便民服务"), "subsidy": _("补贴"),
        "carriage": _("承运"),
        "adjustment": _("更正"),
    }  # fmt: skip


def state_words() -> dict[str, str]:
    return {"pending": _("售后期内"), "payable": _("可以放款"), "paid": _("已到账"), "reversed": _("已退回")}
