"""The main road of the interface by example: one order from its quote to its parcel, as the demo county answered it.

By operation: what is sent, and what is answered. A test holds every example to its schema.
"""

from typing import Any

_ITEMS = [{"sku": "KJQSAFQQTE7V75", "qty": 2}]
_PLACE = {"province": "上海市", "city": "上海市", "district": "徐汇区"}
_ADDRESS = {**_PLACE, "detail": "漕溪北路 8 号 3 单元 501 室"}
_NUMBER, _PAYMENT, _PARCEL = "JS4KBBPRS7R3732", "7dc55d6dad7fa4fcc00c9576664f7e3c", "JPCMK38BZWSEHNF"
_TOTAL = {"goods_fen": 7800, "freight_fen": 800, "discount_fen": 0, "total_fen": 8600}
_DELIVER_BY = "2026-11-29T15:30:00+08:00"
_PLACED, _PAY_BY, _PAID = "2026-11-28T09:16:39+08:00", "2026-11-28T09:31:39+08:00", "2026-11-28T09:17:05+08:00"
_STATIONS = [
    {
        "station": "nh-nanzhuang", "name": "南庄驿站", "tier": "ambient", "order_by": "2026-11-28T14:05:00+08:00",
        "ships_at": "2026-11-28T14:40:00+08:00", "deliver_by": _DELIVER_BY, "to": None, "to_door": False, "within": "later",
        "path": [
            {
                "kind": "bus", "line": "63", "line_code": "nh-l63", "departure": "D5TKP2MRGC5MPY", "from": "南庄驿站",
                "to": "宁海县级共配中心", "leaves_at": "2026-11-28T14:40:00+08:00", "arrives_at": "2026-11-28T15:21:00+08:00",
                "words": "14:40 的 63 路班车到宁海县级共配中心",
            },
            {
                "kind": "trunk", "line": "邮政下午干线", "line_code": "nh-k-post-1", "departure": None, "from": "宁海县级共配中心",
                "to": "z1", "leaves_at": "2026-11-28T17:30:00+08:00", "arrives_at": _DELIVER_BY, "words": "17:30 邮政下午干线",
            },
        ],
    }
]  # fmt: skip

REQUESTS: dict[str, Any] = {
    "create_quote": {"items": _ITEMS, "address": _PLACE},
    "create_order": {
        "items": _ITEMS, "address": _ADDRESS, "contact": {"name": "王小明", "phone": "13911112222"}, "note": "放驿站就好",
        "expected_total_fen": 8600,
    },
    "create_payment": {"provider": "sandbox", "method": "page"},
    "choose_outcome": {"outcome": "paid"},
}  # fmt: skip

ANSWERS: dict[str, Any] = {
    "create_quote": {
        **_TOTAL, "zone": "z1", "stations": _STATIONS,
        "lines": [
            {"sku": "KJQSAFQQTE7V75", "qty": 2, "price_fen": 3900, "goods_fen": 7800, "station": "nh-nanzhuang", "link": None},
        ],
    },
    "create_order": {
        "number": _NUMBER, "token": "29809d08f5bc23188f4ed1e5a84bd23b", "status": "open", "payment_status": "unpaid", "total_fen": 8600,
        "pay_by": _PAY_BY, "stations": _STATIONS,
    },
    "create_payment": {"payment_id": _PAYMENT, "action": {"type": "redirect", "value": f"/pay/{_PAYMENT}"}},
    "choose_outcome": {"payment_id": _PAYMENT, "outcome": "paid"},
    "read_order": {
        "number": _NUMBER, "status": "open", "payment_status": "paid", "fulfillment_status": "packing", "placed_at": _PLACED,
        "pay_by": _PAY_BY, "paid_at": _PAID, "cancelled_at": None, "completed_at": None, **_TOTAL, "captured_fen": 8600,
        "refunded_fen": 0, "currency": "CNY", "note": "放驿站就好", "address": _PLACE,
        "lines": [
            {
                "code": "JL4KD5H5QJ9W62B", "sku": "KJQSAFQQTE7V75", "name": "南庄淡干虾皮", "spec": "500g", "product": "PH72VZAP1PEBJK",
                "qty": 2, "station": "nh-nanzhuang", "price_fen": 3900, "goods_fen": 7800, "discount_fen": 0, "freight_fen": 800,
                "attributed": False,
            },
        ],
        "stations": _STATIONS,
        "consignments": [
            {
                "code": "C1938KCNT3YC0J", "station": "nh-nanzhuang", "tier": "ambient", "status": "awaiting_pack",
                "deliver_by": _DELIVER_BY, "parcels": [_PARCEL],
            },
        ],
        "parcels": [{"code": _PARCEL, "status": "expected", "grams": 1420, "track": f"/track/{_PARCEL}", "pickup": None}],
        "payments": [{"payment_id": _PAYMENT, "provider": "sandbox", "status": "captured", "amount_fen": 8600, "duplicate": False}],
        "refunds": [],
        "events": [
            {"at": _PLACED, "kind": "order.status", "from": None, "to": "open"},
            {"at": _PLACED, "kind": "order.payment", "from": None, "to": "unpaid"},
            {"at": _PLACED, "kind": "order.fulfillment", "from": None, "to": "none"},
            {"at": _PAID, "kind": "order.payment", "from": "unpaid", "to": "paid"},
            {"at": _PAID, "kind": "order.fulfillment", "from": "none", "to": "packing"},
        ],
    },
    "track_parcel": {
        "parcel": _PARCEL, "status": "expected", "words": "等驿站打包", "station": {"code": "nh-nanzhuang", "name": "南庄驿站"},
        "tier": "ambient", "weight_g": 1420, "deliver_by": "2026-11-29T23:59:59+08:00", "late": False,
        "arrives_at": None, "delivered_at": None,
        "events": [
            {"state": "now", "at": None, "words": "南庄驿站接单", "note": "", "line": None},
            {"state": "todo", "at": "2026-11-29T23:59:59+08:00", "words": "送到", "note": "", "line": None},
        ],
    },
}  # fmt: skip
