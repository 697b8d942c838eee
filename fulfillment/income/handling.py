"""Handling 代收代发: a packed parcel earns its station the packing fee of the share rule in force, borne by transport.

The same fen move in the ledger (transport → station) and as a row; a parcel is packed once, so it earns once. Like all income
it is payable when the claim window has ended: the order's, as shop.orders.earnings tells, or at once where nobody may claim.
"""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from core import clock, i18n
from core.ledger.models import Account, Side
from core.ledger.service import open_account, post
from core.money import format_fen
from fulfillment.consignments.events import on_dated, on_handled
from fulfillment.consignments.models import Consignment, Parcel
from supply.counties.models import ShareRule
from supply.stations.models import Station

from .models import Source
from .service import Earned, record, start_windows

PACKED = i18n.kept("打包发出一件，{fee} 元，从运费里出")


@on_handled
def pay_packing(session: Session, parcels: Sequence[Parcel], deed: str) -> None:
    """Runs in the packing's transaction."""
    if deed != "packed":
        return
    tenant_id = parcels[0].tenant_id
    rule = session.exec(
        select(ShareRule)
        .where(ShareRule.tenant_id == tenant_id, ShareRule.starts_on <= clock.today())
        .order_by(col(ShareRule.starts_on).desc())
        .limit(1)
    ).one()
    if not rule.packing_fen:
        return
    payer = open_account(session, "transport", tenant_id=tenant_id, side=Side.CREDIT, may_be_negative=True)
    for parcel in parcels:
        _pay(session, parcel, rule, payer)


def _pay(session: Session, parcel: Parcel, rule: ShareRule, payer: Account) -> None:
    station = session.get_one(Station, parcel.station_id)
    earner = open_account(session, f"station:{station.code}", tenant_id=parcel.tenant_id, side=Side.CREDIT)
    journal = post(
        session, f"packing:{parcel.code}", [(payer.id or 0, rule.packing_fen), (earner.id or 0, -rule.packing_fen)],
        tenant_id=parcel.tenant_id, kind="handling", cause_kind="parcel", cause_code=parcel.code,
    )  # fmt: skip
    earned = Earned(
        key=f"{parcel.code}:packing", party_kind="station", party_code=station.code, source=Source.HANDLING,
        amount_fen=rule.packing_fen, cause_kind="parcel", cause_code=parcel.code,
        words=PACKED.format(fee=format_fen(rule.packing_fen)), rule_version=rule.version,
    )  # fmt: skip
    record(session, [earned], tenant_id=parcel.tenant_id, journal_id=journal.id)


@on_dated
def pay_on_delivery(session: Session, consignments: Sequence[Consignment]) -> None:
    """What is no order's has no claim window."""
    delivered = {c.id: c.delivered_at for c in consignments if c.delivered_at and c.source_kind != "order"}
    if delivered:
        rows = session.exec(select(Parcel.code, Parcel.consignment_id).where(col(Parcel.consignment_id).in_(delivered)))
        start_windows(session, {code: delivered[owner] for code, owner in rows}, tenant_id=consignments[0].tenant_id)
