"""What a claim says on screens."""

from core import clock, i18n
from core.money import format_fen
from shop.payments.models import RefundStatus
from supply.counties.profile_rules import ClaimRule

from .models import REASONS, Claim, ClaimStatus, Reason
from .queries import ClaimView

_ = i18n.gettext
BEARERS = i18n.marked({"grower": "农户", "master": "驿站", "transport": "运输", "platform": "平台"})


def reason_words() -> dict[str, str]:
    return {reason.value: _(words) for reason, words in REASONS.items()}


def bearer_words() -> dict[str, str]:
    return {role: _(words) for role, words in BEARERS.items()}


def how_much(claim: Claim) -> str:
    """What is wrong with how much of it."""
    if claim.reason == Reason.NOT_ARRIVED:
        return ""
    return _("{n} 件").format(n=claim.quantity) if claim.quantity else _("{n}% 以上").format(n=claim.damaged_pct)


def standing(view: ClaimView) -> tuple[str, str, str]:
    """How a claim stands for its buyer: (a word, a sentence, a tone of `components/status.html`)."""
    claim = view.claim
    if claim.status == ClaimStatus.APPROVED:
        given = view.refund is not None and view.refund.status == RefundStatus.DONE
        failed = view.refund is not None and view.refund.status == RefundStatus.FAILED
        where = _("已经原路退回") if given else _("没退成，站里在处理") if failed else _("正在原路退回")
        return _("通过了"), _("退 {sum} 元，{where}").format(sum=format_fen(claim.amount_fen), where=where), "go"
    if claim.status == ClaimStatus.REFUSED:
        return _("没有通过"), claim.note, "bad"
    if claim.status == ClaimStatus.WITHDRAWN:
        return _("撤回了"), _("你自己撤回的"), ""
    return _("在处理"), _("照规则可退 {sum} 元，有结果发短信告诉你").format(sum=format_fen(claim.award_fen)), "wait"


def tier_words(rule: ClaimRule, goods_fen: int) -> list[tuple[int, str, str]]:
    """The ladder as choices: (per cent, how much is damaged, what the rule gives)."""
    choices = []
    for tier in sorted(rule.tiers):
        fen = goods_fen * tier.refund_pct // 100
        fen = min(fen, rule.cap_fen) if rule.cap_fen is not None else fen
        choices.append((tier.damaged_pct, _("坏了 {n}% 以上").format(n=tier.damaged_pct), _("退 {sum} 元").format(sum=format_fen(fen))))
    return choices


def event_words(view: ClaimView) -> list[tuple[str, str, str]]:
    """The trail for the office: (moment, what happened, by whom)."""
    says = {
        "open": _("站里替买家申请") if view.claim.vouched_by else _("买家申请"),
        "second": _("一个人同意，等第二个人"), "approved": _("通过，退款排队"), "refused": _("没有通过"),
        "withdrawn": _("买家撤回"),
    }  # fmt: skip
    return [(i18n.moment(clock.local(e.at)), says.get(e.target, e.target), _who(e.by)) for e in view.events]


def _who(by: str) -> str:
    """A colleague by their code; a buyer is a buyer."""
    if by == "rule":
        return _("照规则自动")
    return by.removeprefix("user:") if by.startswith("user:") else _("买家")
