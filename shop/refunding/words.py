"""What a refund by staff says on screens."""

from core import i18n
from core.money import format_fen
from shop.payments.models import RefundStatus

from .models import RequestStatus
from .queries import RequestView

_ = i18n.gettext
ROLES = i18n.marked({"grower": "农户", "master": "驿站", "seller": "主播", "transport": "运输", "platform": "平台"})
EACH = i18n.marked("各人照自己那一份")


def bearer_choices() -> list[tuple[str, str]]:
    """Who may bear it, the station first: it may give back alone what it bears itself."""
    return [*((role, _(ROLES[role])) for role in ("master", "grower", "transport", "platform")), ("", _(EACH))]


def losing_words(parts: list[tuple[str, str, int]]) -> list[str]:
    """Who loses what, one sentence each."""
    return [_("{who}少收 ¥{sum}").format(who=_(ROLES[role]), sum=format_fen(fen)) for role, _party, fen in parts]


def request_standing(view: RequestView) -> tuple[str, str]:
    """How a request stands: (a word, a tone of `components/status.html`)."""
    if view.request.status == RequestStatus.WAITING:
        return _("等第二个人"), "wait"
    if view.request.status == RequestStatus.REFUSED:
        return _("没有同意"), "bad"
    if view.refund is not None and view.refund.status == RefundStatus.FAILED:
        return _("没退成"), "bad"
    return (_("退到了"), "go") if view.refund is not None and view.refund.status == RefundStatus.DONE else (_("正在退"), "go")
