"""I4: what came back in a parcel went back to the lots it was bound to, once, and off again where it was thrown away."""

from core.invariants import rule

rule(
    "I4",
    "goods that came back are returned to the lots of their parcel, and wasted where it says so",
    broken="""
    SELECT code, lot FROM (
        SELECT r.tenant_id, r.code, b.lot_id AS lot, 'returned' AS kind, b.quantity AS units
        FROM returned_parcel r JOIN lot_binding b ON b.parcel_id = r.parcel_id
        UNION ALL
        SELECT r.tenant_id, r.code, b.lot_id, 'wasted', -b.quantity
        FROM returned_parcel r JOIN lot_binding b ON b.parcel_id = r.parcel_id WHERE r.goes_to = 'waste'
        UNION ALL
        SELECT m.tenant_id, m.cause, m.lot_id, m.kind, -m.quantity FROM stock_movement m
        WHERE m.kind = 'returned' OR (m.kind = 'wasted' AND m.cause LIKE 'RP%')
    ) AS both_sides GROUP BY tenant_id, code, lot, kind HAVING sum(units) <> 0
    """,
)
