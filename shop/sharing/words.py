"""How a share stands, in plain words."""

from core import i18n

_ = i18n.gettext


def share_words() -> dict[str, str]:
    return {"planned": _("等着问支付宝"), "asked": _("等支付宝答复"), "shared": _("已分给他"), "refused": _("改为转账")}
