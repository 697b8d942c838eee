"""Placing an order: one transaction that holds the stock, freezes every amount, and says until when to pay.

The price is read again here; when it is not what the buyer saw, nothing is placed and the difference is shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert
from sqlmodel import Session

from core import audit, clock, i18n
from core.codes import new_code
from core.money import format_fen
from core.permissions import Actor
from core.pii import blind_index, seal
from core.status import tell, told
from shop.coupons.service import use
from shop.orders.access import hash_token, order_token
from shop.orders.models import FULFILLMENT, ORDER, PAYMENT, LineShare, Order, OrderLine, OrderPromise
from supply.counties.models import County
from supply.stock.service import reserve

from .address import Contact, FullAddress
from .errors import TotalChanged
from .items import Item, PricedLine
from .quota import per_link, take_quota
from .quote import Leg, Quote, quote
from .shares import Share, rules_now, shares_of

_ = i18n.gettext
PAY_WITHIN = timedelta(minutes=15)
FIRST = ((ORDER, "open"), (PAYMENT, "unpaid"), (FULFILLMENT, "none"))
_order: Table = Order.__table__  # type: ignore[attr-defined]
_line: Table = OrderLine.__table__  # type: ignore[attr-defined]
_PLACE = insert(_order).returning(_order.c.id)
_LINES = insert(_line).returning(_line.c.id, _line.c.position)  # in their order it would be a statement a row
_SHARES = insert(LineShare.__table__)  # type: ignore[attr-defined]
_PROMISES = insert(OrderPromise.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """What the buyer is told at once. `token` opens the order to whoever has it and is kept nowhere in clear."""

    id: int
    number: str
    token: str
    total_fen: int
    pay_by: datetime
    quote: Quote


def place_order(
    session: Session,
    county: County,
    items: Collection[Item],
    *,
    contact: Contact,
    address: FullAddress,
    expected_total_fen: int,
    actor: Actor,
    link: str | None = None,
    note: str = "",
    coupon: str | None = None,
    behalf: str = "",
    earns: bool = True,
) -> PlacedOrder:
    """Place one order; `behalf` is the station that orders for a villager, and whether it earns by it says `earns`.

    Raises what `quote` raises, and TotalChanged; the caller's transaction is then rolled back.
    """
    now = clock.now()
    seen = quote(session, county, items, address, link, coupon)
    if seen.total_fen != expected_total_fen:
        words = _("总价从 {old} 变成 {new} 元，看过再下单").format(old=format_fen(expected_total_fen), new=format_fen(seen.total_fen))
        raise TotalChanged(words, total_fen=seen.total_fen, difference_fen=seen.total_fen - expected_total_fen)
    codes = [new_code("JL") for _line in seen.lines]
    number = new_code("JS")
    rules = rules_now(session, {line.grower_id for line in seen.lines}, tenant_id=county.id)
    row = _order_row(county.id, number, seen, contact, address, actor=actor, note=note, rule_version=rules.version, now=now)
    row["behalf_station"] = behalf
    session.flush()
    connection = session.connection()
    order_id = int(connection.execute(_PLACE, row).scalar_one())
    line_rows = [
        _line_row(county.id, order_id, position, code, line, part, off)
        for position, (code, line, part, off) in enumerate(zip(codes, seen.lines, seen.freight_parts, seen.discount_parts, strict=True), 1)
    ]
    line_ids = {position: id_ for id_, position in connection.execute(_LINES, line_rows)}
    shares: list[tuple[int, Share]] = []
    for position, (line, part) in enumerate(zip(seen.lines, seen.freight_parts, strict=True), 1):
        own = _is_own_link(line, actor, row["phone_index"])
        if own and line.link:
            audit.record(
                session, "attribution_dropped", tenant_id=county.id, actor=actor.key, subject=number, reason="own link", link=line.link.code
            )  # fmt: skip
        shares += [
            (line_ids[position], s) for s in shares_of(line, rules, freight_fen=part, pays_seller=not own, behalf=behalf if earns else "")
        ]
    for lost in {item.link for item in items if item.link} - {line.link.code for line in seen.lines if line.link}:
        audit.record(session, "attribution_dropped", tenant_id=county.id, actor=actor.key, subject=number, reason="no open link", link=lost)
    connection.execute(
        _SHARES,
        [
            {"tenant_id": county.id, "line_id": line_id, "role": s.role, "party_code": s.party_code, "amount_fen": s.amount_fen,
             "rule_version": rules.version, "words": s.words}
            for line_id, s in shares
        ],
    )  # fmt: skip
    connection.execute(_PROMISES, [_promise_row(county.id, order_id, leg) for leg in seen.legs])
    _began(session, county.id, number, by=actor.key, at=now)
    # last, because from here to the commit every other buyer of these goods waits
    reserve(
        session, [(line.level_id, line.qty, code) for line, code in zip(seen.lines, codes, strict=True)],
        tenant_id=county.id, expires_at=now + PAY_WITHIN,
    )  # fmt: skip
    take_quota(session, per_link((line.link.id if line.link else None, line.qty) for line in seen.lines))
    if seen.coupon:
        use(session, seen.coupon, order_id, tenant_id=county.id, phone_index=row["phone_index"], user_id=actor.user_id)
    return PlacedOrder(order_id, number, order_token(number), seen.total_fen, now + PAY_WITHIN, seen)


def _is_own_link(line: PricedLine, actor: Actor, phone_index: str) -> bool:
    """A seller earns nothing on what they buy themselves, signed in or by their own phone."""
    return line.link is not None and (line.link.seller_id == actor.user_id or line.link.seller_phone_index == phone_index)


def _order_row(
    tenant_id: int, number: str, seen: Quote, contact: Contact, address: FullAddress, *,
    actor: Actor, note: str, rule_version: str, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    token = order_token(number)
    return {
        "tenant_id": tenant_id, "number": number, "token_hash": hash_token(token), "user_id": actor.user_id, "sign_in_id": actor.sign_in_id,
        "status": "open", "payment_status": "unpaid", "fulfillment_status": "none",
        "name_sealed": seal(contact.name, f"orders.name:{number}"), "phone_sealed": seal(contact.phone, f"orders.phone:{number}"),
        "phone_index": blind_index(contact.phone), "province": address.province, "city": address.city, "district": address.district,
        "detail_sealed": seal(address.detail, f"orders.detail:{number}"), "zone": seen.zone,
        "note_sealed": seal(note, f"orders.note:{number}") if note else "", "currency": "CNY",
        "goods_fen": seen.goods_fen, "freight_fen": seen.freight_fen, "discount_fen": seen.discount_fen, "total_fen": seen.total_fen,
        "captured_fen": 0, "refunded_fen": 0, "rule_version": rule_version, "placed_at": now, "pay_by": now + PAY_WITHIN,
    }  # fmt: skip


def _line_row(tenant_id: int, order_id: int, position: int, code: str, line: PricedLine, freight_fen: int, off_fen: int) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id, "order_id": order_id, "code": code, "position": position, "variant_id": line.variant_id,
        "product_code": line.product_code, "station_id": line.station_id, "level_id": line.level_id, "channel_id": line.channel_id,
        "link_id": line.link.id if line.link else None, "name": line.name, "spec": line.spec, "sku": line.sku, "picture": line.picture,
        "tier": line.tier, "quantity": line.qty, "price_fen": line.price_fen, "goods_fen": line.goods_fen, "discount_fen": off_fen,
        "freight_fen": freight_fen, "net_g": line.net_g, "gross_g": line.gross_g, "ml": line.ml, "box_milli": line.box_milli,
        "shelf_days": line.shelf_days,
    }  # fmt: skip


def _promise_row(tenant_id: int, order_id: int, leg: Leg) -> dict[str, Any]:
    p = leg.promise
    return {
        "order_id": order_id, "station_id": leg.station_id, "tier": leg.tier, "tenant_id": tenant_id,
        "order_by": p.order_by, "ships_at": p.ships_at, "deliver_by": p.deliver_by, "path": p.path, "to_node_id": p.to_node_id,
        "door_min": p.door_min,
    }  # fmt: skip


def _began(session: Session, tenant_id: int, number: str, *, by: str, at: datetime) -> None:
    """The first state of each of the order's three histories."""
    tell(session, [told(moves, first, tenant_id=tenant_id, subject=number, by=by, at=at) for moves, first in FIRST])
