"""The index follows the outbox: what changed in listings or stock is searchable within two seconds."""

from sqlmodel import Session

from core import db
from core.tasks import Event, together
from supply.counties.catalogue import raise_catalogue

from .service import index_products


@together("listing.changed", "stock.changed", lane="search")
def follow(events: list[Event]) -> None:
    """Index what these events are about, then let pages that were rendered before the index knew be forgotten."""
    index_products(sorted({str(event.payload["product_code"]) for event in events}))

    def forget(session: Session) -> None:
        for tenant_id in sorted({event.tenant_id for event in events}):
            raise_catalogue(session, tenant_id)

    db.run_write(forget)
