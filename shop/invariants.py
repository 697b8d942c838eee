"""Every slice's invariants, imported in one place."""

# ruff: noqa: F401
import core.checks
import core.ledger.invariants
import fulfillment.batching.invariants
import fulfillment.cash.invariants
import fulfillment.consignments.invariants
import fulfillment.contracts.invariants
import fulfillment.custody.invariants
import fulfillment.customised.invariants
import fulfillment.disruptions.invariants
import fulfillment.hailing.invariants
import fulfillment.income.invariants
import fulfillment.manifests.invariants
import fulfillment.partners.invariants
import fulfillment.pickup.invariants
import fulfillment.services.invariants
import fulfillment.settlement.invariants
import fulfillment.subsidies.invariants
import shop.claims.invariants
import shop.coupons.invariants
import shop.disputes.invariants
import shop.links.invariants
import shop.orders.invariants
import shop.payments.invariants
import shop.reconciliation.invariants
import shop.refunding.invariants
import shop.returning.invariants
import shop.search.invariants
import shop.sharing.invariants
import shop.weighing.invariants
import supply.stock.invariants
from core.invariants import check, registered

__all__ = ["check", "registered"]
