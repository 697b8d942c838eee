"""How an order stands: its head in words, what its buyer can still do, and where their money goes."""

from core import clock, i18n
from core.money import format_fen

from .models import FulfillmentStatus, Order, OrderStatus, PaymentStatus
from .queries import OrderView

_ = i18n.gettext


def headline(order: Order, *, asking: bool = False) -> tuple[str, str]:
    """A head and a sentence. `asking`: a payment may be on its way to us, so nobody is told to pay."""
    if order.status == OrderStatus.CANCELLED:
        owed = order.captured_fen - order.refunded_fen
        money = _("钱正在原路退回") if owed > 0 else _("钱已经原路退回") if order.refunded_fen else _("没有收过钱")
        return _("订单取消了"), money
    if has_lapsed(order):
        return _("付款时间过了"), _("货已经放回货架；要是你刚付了款，我们会重新配货，配不上就原路退回")
    if order.payment_status == PaymentStatus.UNPAID:
        if asking:
            return _("正在确认付款"), _("收银台一回话，这里就变")
        return _("等你付款"), _("{time} 前付，货和班次都给你留着").format(time=f"{clock.local(order.pay_by):%H:%M}")
    if order.payment_status == PaymentStatus.REFUNDED:
        return _("已经退款"), _("钱已经原路退回")
    return {
        FulfillmentStatus.IN_TRANSIT: (_("在路上"), _("一程接一程地走，下面看得到每一程")),
        FulfillmentStatus.DELIVERED: (_("送到了"), _("货有问题，拍下照片来申请售后")),
    }.get(FulfillmentStatus(order.fulfillment_status), (_("站长在打包"), _("打好包就赶下一班")))


def has_lapsed(order: Order) -> bool:
    """Its time to pay is over and no money came; its stock goes back to the shelf, in a minute at the latest."""
    in_vain = order.payment_status == PaymentStatus.EXPIRED or (
        order.payment_status == PaymentStatus.UNPAID and order.pay_by <= clock.now()
    )
    return order.status == OrderStatus.OPEN and in_vain


def can_pay(order: Order) -> bool:
    return order.status == OrderStatus.OPEN and order.payment_status == PaymentStatus.UNPAID and order.pay_by > clock.now()


def can_cancel(seen: OrderView) -> bool:
    """Open, its goods still held and nothing packed yet; the verb decides again."""
    open_yet = seen.order.status == OrderStatus.OPEN and not has_lapsed(seen.order)
    return open_yet and all(p.status in ("expected", "cancelled") for p in seen.parcels)


def can_buy_again(order: Order) -> bool:
    """Nothing of it will come: its goods can be put into a basket once more."""
    return order.status == OrderStatus.CANCELLED or has_lapsed(order)


def where_the_money_goes(seen: OrderView) -> list[tuple[str, int, int]]:
    """The frozen shares of an order that is paid for, as (words with the amount, fen, tone) for `components/charts.html`."""
    paid = seen.order.payment_status in (PaymentStatus.PAID, PaymentStatus.PART_REFUNDED)
    if seen.order.status == OrderStatus.CANCELLED or not paid:
        return []
    parts = (
        ("grower", _("农户"), 1),
        ("master", _("站长"), 2),
        ("transport", _("运输"), 3),
        ("seller", _("主播"), 4),
        ("on_behalf", _("代买"), 6),
        ("platform", _("平台"), 5),
    )
    return [(f"{words} ¥{format_fen(seen.shares[role])}", seen.shares[role], tone) for role, words, tone in parts if seen.shares.get(role)]
