"""What follows from what. Importing this module registers every handler, tick and page context.

Effects travel through the outbox and are registered where they live (`@handler`, `@together`, `@inbox_handler`, `@every`);
projections, which belong to the same transaction, are plain calls listed here.
"""

# ruff: noqa: F401
from markupsafe import Markup

import core.notify
import core.upkeep
import fulfillment.batching.tasks
import fulfillment.contracts.counting
import fulfillment.customised.tasks
import fulfillment.disruptions.better
import fulfillment.disruptions.tasks
import fulfillment.hailing.tasks
import fulfillment.income.handling
import fulfillment.income.tasks
import fulfillment.partners.causes
import fulfillment.partners.following
import fulfillment.pickup.shelf
import fulfillment.pickup.tasks
import fulfillment.services.causes
import fulfillment.settlement.causes
import fulfillment.subsidies.causes
import fulfillment.subsidies.tasks
import fulfillment.timetable.tasks
import fulfillment.whatif.tasks
import shop.almanac.context
import shop.cart.adoption
import shop.catalogue.versions
import shop.condition.told
import shop.disputes.stripe
import shop.orders.earnings
import shop.orders.freight
import shop.orders.progress
import shop.payments.tasks
import shop.reconciliation.tasks
import shop.search.tasks
import shop.sharing.tasks
import shop.subsidising
from core.auth.pages import demo_people
from core.tasks import ignore
from core.tasks.registry import batches, handlers
from core.web.templates import environment
from shop.demo.sign_ins import sign_ins
from supply.pictures.seal import seal_svg

TOPICS = (
    "listing.changed",
    "message.send",
    "order.cancelled",
    "order.expired",
    "order.paid",
    "parcel.delivered",
    "payment.refund",
    "share.ask",
    "stock.changed",
)

ignore(*(topic for topic in TOPICS if topic not in handlers and topic not in batches))
environment.globals["seal_svg"] = lambda name, **shape: Markup(seal_svg(name, **shape))  # noqa: S704 - drawn by us, name escaped
demo_people.append(sign_ins)
