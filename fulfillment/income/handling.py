"""Handling 代收代发: a packed parcel earns its station the packing fee of the share rule in force, a parcel handed over in the village
earns the station its road ends at the fee for that; transport bears both.

The same fen move in the ledger (transport → station) and as a row. A parcel is packed once and delivered once – what scans told of a
delivery is dated anew by later scans, never taken back – so it earns each fee once. Like all income it is payable when the claim window
has ended: the order's, as shop.orders.earnings tells, or at once where nobody may claim.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

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
HANDED = i18n.kept("到村一件交到村民手里，{fee} 元，从运费里出")


class Fee(NamedTuple):
    """What one deed with a parcel earns; `key` ends the row's key and begins the journal's."""

    key: str
    words: str
    of: Callable[[ShareRule], int]


FEES = {
    "packed": Fee("packing", PACKED, lambda rule: rule.packing_fen),
    "delivered": Fee("handing", HANDED, lambda rule: rule.inbound_fen),
}


@on_handled
def pay_handling(session: Session, parcels: Sequence[Parcel], deed: str) -> None:
    """Runs in the transaction of the packing or of the scans that say it was delivered."""
    fee, tenant_id = FEES[deed], parcels[0].tenant_id
    earners = _where_packed(session, parcels) if deed == "packed" else _where_handed_over(session, parcels)
    if not earners:
        return
    rule = session.exec(
        select(ShareRule)
        .where(ShareRule.tenant_id == tenant_id, ShareRule.starts_on <= clock.today())
        .order_by(col(ShareRule.starts_on).desc())
        .limit(1)
    ).one()
    if not fee.of(rule):
        return
    payer = open_account(session, "transport", tenant_id=tenant_id, side=Side.CREDIT, may_be_negative=True)
    for parcel, station in sorted(earners.items()):
        _pay(session, parcel, station, fee, rule, payer)


def _where_packed(session: Session, parcels: Sequence[Parcel]) -> dict[str, str]:
    """The code of the station that packed it, by the parcel's."""
    codes = dict(session.exec(select(Station.node_id, Station.code).where(col(Station.node_id).in_({p.station_id for p in parcels}))).all())
    return {parcel.code: codes[parcel.station_id] for parcel in parcels}


def _where_handed_over(session: Session, parcels: Sequence[Parcel]) -> dict[str, str]:
    """The code of the station at which a parcel's road ends, by the parcel's; what leaves the county has none."""
    rows = session.exec(
        select(Parcel.code, Station.code)
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .join(Station, col(Station.node_id) == col(Consignment.to_node_id))
        .where(col(Parcel.id).in_([parcel.id for parcel in parcels]))
    )
    return dict(rows.all())


def _pay(session: Session, parcel: str, station: str, fee: Fee, rule: ShareRule, payer: Account) -> None:
    fen, tenant_id = fee.of(rule), rule.tenant_id
    earner = open_account(session, f"station:{station}", tenant_id=tenant_id, side=Side.CREDIT)
    journal = post(
        session, f"{fee.key}:{parcel}", [(payer.id or 0, fen), (earner.id or 0, -fen)], tenant_id=tenant_id, kind="handling",
        cause_kind="parcel", cause_code=parcel,
    )  # fmt: skip
    earned = Earned(
        key=f"{parcel}:{fee.key}", party_kind="station", party_code=station, source=Source.HANDLING, amount_fen=fen, cause_kind="parcel",
        cause_code=parcel, words=fee.words.format(fee=format_fen(fen)), rule_version=rule.version,
    )  # fmt: skip
    record(session, [earned], tenant_id=tenant_id, journal_id=journal.id)


@on_dated
def pay_on_delivery(session: Session, consignments: Sequence[Consignment]) -> None:
    """What is no order's has no claim window."""
    delivered = {c.id: c.delivered_at for c in consignments if c.delivered_at and c.source_kind != "order"}
    if delivered:
        rows = session.exec(select(Parcel.code, Parcel.consignment_id).where(col(Parcel.consignment_id).in_(delivered)))
        start_windows(session, {code: delivered[owner] for code, owner in rows}, tenant_id=consignments[0].tenant_id)
