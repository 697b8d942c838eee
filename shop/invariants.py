"""Every slice's invariants, imported in one place."""

import core.checks
import core.ledger.invariants  # noqa: F401
import fulfillment.batching.invariants
import fulfillment.consignments.invariants
import fulfillment.custody.invariants
import fulfillment.income.invariants
import fulfillment.manifests.invariants  # noqa: F401
import shop.orders.invariants
import shop.payments.invariants  # noqa: F401
import shop.search.invariants  # noqa: F401
import supply.stock.invariants  # noqa: F401
from core.invariants import check, registered

__all__ = ["check", "registered"]
