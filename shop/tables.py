"""Every table of the installation, imported in one place for migrations and checks."""

# ruff: noqa: F401
import core.audit
import core.auth.models
import core.files
import core.idempotency
import core.inbox
import core.ledger.models
import core.outbox
import core.secret_mark
import core.status
import core.tasks.ticks
import core.tenant
import fulfillment.batching.models
import fulfillment.boxes.models
import fulfillment.cash.models
import fulfillment.consignments.models
import fulfillment.contracts.models
import fulfillment.custody.models
import fulfillment.customised.models
import fulfillment.disruptions.models
import fulfillment.hailing.models
import fulfillment.income.models
import fulfillment.manifests.models
import fulfillment.network.models
import fulfillment.partners.models
import fulfillment.pickup.models
import fulfillment.promise.models
import fulfillment.services.models
import fulfillment.settlement.models
import fulfillment.subsidies.models
import fulfillment.timetable.models
import fulfillment.whatif.models
import shop.cart.models
import shop.channels.models
import shop.claims.models
import shop.coupons.models
import shop.disputes.models
import shop.links.models
import shop.listings.models
import shop.orders.models
import shop.payments.models
import shop.reconciliation.models
import shop.refunding.models
import shop.returning.models
import shop.search.models
import shop.sharing.models
import shop.weighing.models
import supply.counties.models
import supply.growers.models
import supply.lots.models
import supply.products.models
import supply.stations.models
import supply.stock.models
from core.tables import metadata

__all__ = ["metadata"]
