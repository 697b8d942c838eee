"""What can happen to payments, for other slices."""

from shop.orders.cancel import cancel_order, close_stale, expire_due

from .refunds import keep_refund, queue_refund
from .settle import settle
from .start import NotPayable, PaymentUnknown, attempt_of, open_at_gateway, start_first, start_payment

__all__ = [
    "NotPayable", "PaymentUnknown", "attempt_of", "cancel_order", "close_stale", "expire_due", "keep_refund", "open_at_gateway",
    "queue_refund", "settle", "start_first", "start_payment",
]  # fmt: skip
