"""Every slice's invariants, imported in one place."""

import core.checks
import core.ledger.invariants  # noqa: F401
import fulfillment.income.invariants  # noqa: F401
import shop.orders.invariants
import shop.payments.invariants  # noqa: F401
import supply.stock.invariants  # noqa: F401
from core.invariants import check, registered

__all__ = ["check", "registered"]
