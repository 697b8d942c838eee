"""What a dispute says on screens: what the cardholder says, how it stands, and what to send as evidence."""

from core import i18n

from .models import DisputeStatus

_ = i18n.gettext
REASONS = i18n.marked(
    {
        "fraudulent": "持卡人说不是自己付的", "product_not_received": "持卡人说没收到货", "product_unacceptable": "持卡人说货不对、坏了",
        "duplicate": "持卡人说付了两次", "credit_not_processed": "持卡人说该退的没退", "subscription_canceled": "持卡人说已经取消了",
        "unrecognized": "持卡人不认得这笔钱",
    }
)  # fmt: skip
OTHER = i18n.marked("持卡人向银行申请退钱")
EVERY = i18n.marked("订单页：买了什么、多少钱、几点下单几点付款")
EVIDENCE = i18n.marked(
    {
        "product_not_received": ("每一站的扫码时间和送达时间", "面单号，买家在哪里签收"),
        "product_unacceptable": ("买家发来的照片和售后怎么处理的", "装箱时的过磅单"),
        "credit_not_processed": ("已经退了哪些、退款编号",),
        "duplicate": ("两次付款各是哪张订单，或者第二笔已经退了",),
    }
)
USUAL = i18n.marked(("每一站的扫码时间和送达时间", "买家下单后和驿站说过什么"))
STATES = i18n.marked({"opened": "等我们交证据", "under_review": "银行在看", "won": "判给我们了", "lost": "判给买家了"})
TONES = {DisputeStatus.OPENED: "bad", DisputeStatus.UNDER_REVIEW: "wait", DisputeStatus.WON: "go", DisputeStatus.LOST: ""}


def dispute_reason(reason: str) -> str:
    return _(REASONS.get(reason, OTHER))


def dispute_standing(status: str) -> tuple[str, str]:
    """A word and a tone of `components/status.html`."""
    return _(STATES[status]), TONES[DisputeStatus(status)]


def evidence_words(reason: str) -> list[str]:
    """What to gather and send to the gateway, the order's page first."""
    return [_(EVERY), *(_(words) for words in EVIDENCE.get(reason, USUAL))]
