"""Coupons in words."""

from core import i18n
from core.money import format_fen

from .models import Coupon
from .service import Fitting

_ = i18n.gettext


def state_words() -> dict[str, str]:
    return {"draft": _("等另一个人看过再发"), "open": _("发放中"), "ended": _("已停用")}


def offer_words(coupon: Coupon | Fitting) -> str:
    """`满 100 减 10`, whole yuan without their zeros."""
    return _("满 {least} 减 {off}").format(least=_yuan(coupon.min_goods_fen), off=_yuan(coupon.off_fen))


def _yuan(fen: int) -> str:
    return format_fen(fen).removesuffix(".00")
