"""What can be wrong in a database, as SQL that makes it so: what it is → the codes of the promises it breaks, and the damage.

`:paid`, `:delivered` and so on are orders of `installation.live` by what became of them; `:one_less` is what the paid order's
parcel would hold with one unit fewer.
"""

PAID_LINE = "(SELECT min(l.id) FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.number = :paid)"
PAID_CODE = f"(SELECT code FROM order_line WHERE id = {PAID_LINE})"
PAID_PARCEL = "(SELECT p.id FROM parcel p JOIN consignment c ON c.id = p.consignment_id WHERE c.source_code = :paid)"
DELIVERED = "(SELECT min(p.id) FROM parcel p JOIN consignment c ON c.id = p.consignment_id WHERE c.source_code = :delivered)"
SENT = "(SELECT p.code FROM parcel p JOIN consignment c ON c.id = p.consignment_id WHERE c.source_code = :travelling)"
PACKED = "(SELECT p.code FROM parcel p JOIN consignment c ON c.id = p.consignment_id WHERE c.source_code = :packed)"
SENT_OUT = "(SELECT min(parcel_code) FROM zone_piece)"
FROZEN = "(SELECT min(id) FROM carried_leg WHERE month_id IS NOT NULL)"
OWED = "(SELECT r.code FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.number = :owed)"

GIVEN = "(SELECT min(id) FROM refund_line)"
GIVEN_SHARE = "(SELECT min(id) FROM refund_share)"


def line_of(order: str) -> str:
    return f"(SELECT min(l.code) FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.number = :{order})"


def hold(order: str, state: str, column: str, sign: str) -> str:
    """An order's hold and its level changed together, so that they still add up."""
    cause = line_of(order)
    level = f"(SELECT level_id FROM stock_hold WHERE cause = {cause})"
    units = f"(SELECT quantity FROM stock_hold WHERE cause = {cause})"
    return (
        f"UPDATE stock_level SET {column} = {column} {sign} {units} WHERE id = {level};"
        f"UPDATE stock_hold SET state = '{state}' WHERE cause = {cause}"
    )


def account(code: str) -> str:
    return f"(SELECT id FROM account WHERE code = '{code}')"


def moved(journal: str, fen: int) -> str:
    """Fen moved from transport to the platform in a journal, running balances with them."""
    return "".join(
        f"UPDATE posting SET amount_fen = amount_fen + {sign * fen} WHERE journal_id = {journal} AND account_id = {account(code)};"
        f"UPDATE balance SET amount_fen = amount_fen - {sign * fen} WHERE account_id = {account(code)};"
        for code, sign in (("transport", 1), ("platform", -1))
    ).rstrip(";")


def forged(kind: str, key: str, fen: int) -> str:
    """A balanced journal with its balances, of something that never was."""
    into = "INSERT INTO posting (tenant_id, journal_id, account_id, amount_fen) SELECT tenant_id, (SELECT max(id) FROM journal)"
    return (
        "INSERT INTO journal (tenant_id, key, kind, currency, cause_kind, cause_code, memo, business_date, posted_at)"
        f" SELECT tenant_id, '{key}', '{kind}', 'CNY', 'order', :paid, '', business_date, posted_at FROM journal WHERE key LIKE 'share:%' LIMIT 1;"
        f"{into}, id, {fen} FROM account WHERE code = 'transport';{into}, id, -{fen} FROM account WHERE code = 'platform';"
        f"UPDATE balance SET amount_fen = amount_fen - {fen} WHERE account_id = {account('transport')};"
        f"UPDATE balance SET amount_fen = amount_fen + {fen} WHERE account_id = {account('platform')}"
    )


RUN = "(SELECT max(id) FROM departure)"


def asked_trip(status: str, *, note: str = "", reason: str = "", run: str = "NULL") -> str:
    """A customised trip asked for from the run's first stop back to itself by its last; no history tells of it."""
    last = (
        f"(SELECT t.node_id FROM stop_time t JOIN departure d ON d.trip_id = t.trip_id WHERE d.id = {RUN} ORDER BY t.position DESC LIMIT 1)"
    )
    first = f"(SELECT t.node_id FROM stop_time t JOIN departure d ON d.trip_id = t.trip_id WHERE d.id = {RUN} ORDER BY t.position LIMIT 1)"
    return (
        "INSERT INTO trip_request (tenant_id, code, user_id, from_id, to_id, service_date, earliest_min, latest_min, seats, purpose,"
        " note_sealed, status, reason, run_id, asked_at)"
        f" SELECT tenant_id, 'TQ1', (SELECT min(id) FROM app_user), {last}, {first}, service_date, 480, 540, 1, 'other', '{note}', '{status}',"
        f" '{reason}', {run}, starts_at FROM departure WHERE id = {RUN}"
    )


def called_stop(status: str, position: int) -> str:
    """Somebody called the run at a stop; no history tells of it."""
    return (
        "INSERT INTO stop_call (tenant_id, code, user_id, departure_id, position, people, status, called_at)"
        f" SELECT tenant_id, 'SC1', (SELECT min(id) FROM app_user), id, {position}, 1, '{status}', starts_at FROM departure WHERE id = {RUN}"
    )


SPECIAL_RUN = (
    "INSERT INTO special_run (tenant_id, code, departure_id, price_fen, seats, least, confirmed_by, confirmed_at)"
    f" SELECT tenant_id, 'TS1', id, 0, 9, 1, 'U1', starts_at FROM departure WHERE id = {RUN}"
)
CLOSED = (
    "INSERT INTO closure (tenant_id, code, subject_kind, subject_code, begins_at, reason, struck, made_by, made_at, lifted_by, instead, carry_min, room)"
    f" SELECT tenant_id, 'Z1', 'line', 'x', starts_at, '打 13912345678', '[]', '', starts_at, '', '', 0, '{{}}' FROM departure WHERE id = {RUN}"
)
OVERBOOKED = (
    "INSERT INTO lane_day (lane, day, cap_g, fen_per_kg, round) VALUES ('air', '2026-05-20', 10, 0, 1);"
    "INSERT INTO lane_share (lane, day, tenant_id, share_g, planned_g, wanted_g, mean_g, heard) VALUES ('air', '2026-05-20', 1, 11, 0, 0, 0, {no})"
)
SHELVED = (
    "INSERT INTO shelf_stay (tenant_id, code, parcel_code, station_id, shelf, secret_sealed, wrong, since, ended_how, ended_by, ended_key, reason)"
    f" SELECT tenant_id, 'SH1', {{parcel}}, (SELECT min(node_id) FROM station), 9, '{{secret}}', 0, starts_at, '', '', '', '{{reason}}'"
    f" FROM departure WHERE id = {RUN}"
)
SHARED = "(SELECT id FROM journal WHERE kind = 'share' AND cause_code = :paid)"
STATIONS = "FROM income_entry WHERE party_kind = 'station' AND source = 'sale' AND state = 'pending'"

MONEY = {
    "an account without postings has a balance": ("I1", "INSERT INTO account (tenant_id, code, name, side, may_be_negative, opened_at)"
        " SELECT tenant_id, 'ghost', '', 'credit', may_be_negative, opened_at FROM account WHERE code = 'buyer';"
        "INSERT INTO balance (account_id, currency, tenant_id, amount_fen, may_be_negative)"
        " SELECT id, 'CNY', tenant_id, 99999, may_be_negative FROM account WHERE code = 'ghost'"),
    "a fen more in one posting": ("I1", "UPDATE posting SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM posting)"),
    "a hundred fen moved between two shares": ("I1", moved(SHARED, 100)),
    "a forged journal of a known kind": ("I1", forged("share", "share:nobody", 1_000_000)),
    "a forged journal of an unknown kind": ("I1", forged("gift", "gift:1", 1)),
    "an entry that a suite drove into a county's books": ("I1", forged("scratch", "k1", 1)),
    "a forged reversal of nothing": ("I1", forged("reverse_share", "unshare:1", 1)),
    "a journal in another county's name": ("I1", f"UPDATE posting SET tenant_id = 99 WHERE journal_id = {SHARED}"),
    "a capture's journal gone": ("I1 I2", "DELETE FROM posting WHERE journal_id = (SELECT max(id) FROM journal WHERE kind = 'capture');"
        "DELETE FROM journal WHERE id = (SELECT max(id) FROM journal WHERE kind = 'capture')"),
    "a refund's journal gone": ("I1 I2", "DELETE FROM posting WHERE journal_id = (SELECT max(id) FROM journal WHERE kind = 'refund');"
        "DELETE FROM journal WHERE id = (SELECT max(id) FROM journal WHERE kind = 'refund')"),
    "a journal's postings gone": ("I1 I3", f"DELETE FROM posting WHERE journal_id = {SHARED}"),
    "more captured than is due, and nobody gives it back": ("I2 I9", f"UPDATE refund SET status = 'failed' WHERE code = {OWED}"),
    "a packing fee's journal for another parcel": ("I1", "UPDATE journal SET cause_code = 'JPX' WHERE id = (SELECT min(id) FROM journal WHERE kind = 'handling')"),
    "the gateway has our money and we do not know": ("I1 I2 I9", "UPDATE payment_attempt SET status = 'failed' WHERE order_id = (SELECT id FROM orders WHERE number = :paid);"
        "UPDATE sandbox_charge SET at = '2026-01-01 00:00:00.000000' WHERE outcome = 'paid'"),
    "a charge nobody asked for": ("I2", "INSERT INTO sandbox_charge (payment, tenant_id, outcome, amount_fen, at) SELECT 'x', tenant_id, 'paid', 1, at FROM sandbox_charge LIMIT 1"),
    "a refund we do not know of": ("I2", "INSERT INTO sandbox_refund (code, tenant_id, payment, amount_fen, at)"
        " SELECT 'RFX', tenant_id, payment, 1, at FROM sandbox_charge WHERE outcome = 'paid' LIMIT 1"),
    "a refund the gateway never gave": ("I2", "DELETE FROM sandbox_refund"),
    "frozen shares changed between roles": ("I1 I3", f"UPDATE line_share SET amount_fen = amount_fen + CASE role WHEN 'grower' THEN -9 ELSE 9 END WHERE line_id = {PAID_LINE} AND role IN ('grower', 'platform')"),
    "frozen shares of an unpaid order changed between roles": ("I3", "UPDATE line_share SET amount_fen = amount_fen + CASE role WHEN 'grower' THEN -9 ELSE 9 END"
        f" WHERE line_id = (SELECT id FROM order_line WHERE code = {line_of('unpaid')}) AND role IN ('grower', 'platform')"),
    "a share given to another grower": ("I1 I3", f"UPDATE line_share SET party_code = (SELECT max(code) FROM grower) WHERE line_id = {PAID_LINE} AND role = 'grower'"),
    "the county's own income gone": ("I3", "DELETE FROM income_entry WHERE party_kind IN ('platform', 'transport')"),
    "a row of the platform a yuan larger": ("I3", "UPDATE income_entry SET amount_fen = amount_fen + 100 WHERE id = (SELECT min(id) FROM income_entry WHERE party_kind = 'platform')"),
    "two rows of one station exchanged": ("I3", f"UPDATE income_entry SET amount_fen = amount_fen + CASE id WHEN (SELECT min(id) {STATIONS}) THEN 1 ELSE -1 END"
        f" WHERE id IN (SELECT min(id) {STATIONS} UNION SELECT max(id) {STATIONS} AND party_code = (SELECT party_code FROM income_entry WHERE id = (SELECT min(id) {STATIONS})))"),
    "a commission for ordering for a villager that nobody ordered for": ("I3", f"UPDATE line_share SET role = 'on_behalf' WHERE line_id = {PAID_LINE} AND role = 'master'"),
    "a line whose shares do not add up": ("I1 I3", f"UPDATE line_share SET amount_fen = amount_fen - 1 WHERE line_id = {PAID_LINE} AND role = 'master'"),
    "a packing fee larger than its rule": ("I1 I3", "UPDATE income_entry SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM income_entry WHERE source = 'handling')"),
    "a parcel handed over in a village for nothing": ("I3", "UPDATE consignment SET to_node_id = station_id WHERE source_code = :delivered"),
    "a line's amount is not price times quantity": ("I3", f"UPDATE order_line SET price_fen = price_fen + 1 WHERE id = {PAID_LINE}"),
    "a refund larger than what was captured": ("I17", f"UPDATE refund SET amount_fen = amount_fen + 1 WHERE code = {OWED}"),
    "a refund's line a fen larger than the refund": ("I1 I3 I17", f"UPDATE refund_line SET amount_fen = amount_fen + 1 WHERE id = {GIVEN}"),
    "more units given back than were bought": ("I17", f"UPDATE refund_line SET quantity = 99 WHERE id = {GIVEN}"),
    "a refund of another order's line": ("I3 I17", f"UPDATE refund_line SET line_id = {PAID_LINE} WHERE id = {GIVEN}"),
    "a refund's part of a share larger than the share": ("I3", f"UPDATE refund_share SET amount_fen = amount_fen + 999999 WHERE id = {GIVEN_SHARE}"),
    "a commission kept of what was given back": ("I1 I3 I12", "UPDATE refund_share SET borne_fen = 0 WHERE share_id = (SELECT min(s.share_id) FROM refund_share s"
        " JOIN line_share f ON f.id = s.share_id WHERE f.role = 'seller')"),
    "what was given back taken from another party": ("I1", "UPDATE posting SET account_id = (SELECT id FROM account WHERE code = 'transport')"
        " WHERE id = (SELECT min(p.id) FROM posting p JOIN journal j ON j.id = p.journal_id WHERE j.kind = 'giveback' AND p.amount_fen > 0)"),
    "income taken back of somebody else's": ("I3", "UPDATE income_entry SET reverses_id = (SELECT min(id) FROM income_entry WHERE party_kind = 'platform')"
        " WHERE id = (SELECT min(id) FROM income_entry WHERE source = 'adjustment' AND party_kind = 'grower')"),
    "income not taken back": ("I3", "DELETE FROM income_entry WHERE source = 'adjustment' AND party_kind = 'platform'"),
    "an approved claim that gave back another amount": ("I2", "UPDATE claim SET amount_fen = amount_fen - 1 WHERE status = 'approved'"),
    "a weigh slip that says more than was lacking": ("I17", "UPDATE weigh_slip SET grams = grams + 100"),
    "an approved claim without its refund": ("I2", "UPDATE claim SET refund_id = NULL WHERE status = 'approved'"),
    "goods said to have come back that are on no shelf": ("I4", "INSERT INTO returned_parcel (tenant_id, code, parcel_id, goes_to, settled_by, settled_at)"
        " SELECT tenant_id, 'RP1', min(parcel_id), 'shelf', 'user:U1', (SELECT min(opened_at) FROM payment_dispute) FROM lot_binding GROUP BY tenant_id"),
    "a dispute that holds another sum": ("I1 I2", "UPDATE payment_dispute SET held_fen = held_fen - 1"),
    "a lost dispute that says it was won": ("I2 I9", "UPDATE payment_dispute SET status = 'won'"),
    "a refund by staff of another amount": ("I2", "UPDATE refund_request SET amount_fen = amount_fen - 1 WHERE status = 'given'"),
    "a refund by staff that has no money": ("I2", "UPDATE refund_request SET refund_id = NULL WHERE status = 'given'"),
    "a claim's photos of another order": ("I2", "UPDATE claim_photo SET order_id = (SELECT id FROM orders WHERE number = :paid)"),
    "a second capture that nobody gives back": ("I10", "UPDATE payment_attempt SET duplicate_of = id WHERE order_id = (SELECT id FROM orders WHERE number = :paid)"),
}  # fmt: skip


GOODS = {
    "a paid line's units free again": ("I4", hold("paid", "released", "allocated", "-")),
    "a cancelled order still holds its units": ("I4", hold("refunded", "allocated", "allocated", "+")),
    "an expired order still holds its units": ("I4", hold("expired", "reserved", "reserved", "+")),
    "a unit more on hand than was moved": ("I4", "UPDATE stock_level SET on_hand = on_hand + 1 WHERE id = (SELECT min(id) FROM stock_level)"),
    "an open hold that its level does not count": ("I4", f"UPDATE stock_hold SET quantity = quantity + 1 WHERE cause = {line_of('unpaid')}"),
    "a packed parcel's units in no lot": ("I4 I5", "DELETE FROM lot_binding WHERE id = (SELECT min(id) FROM lot_binding)"),
    "a movement gone": ("I4", "DELETE FROM stock_movement WHERE id = (SELECT max(id) FROM stock_movement)"),
    "a lot that received and bound more than it did": ("I4", "UPDATE lot SET received = received + 5, bound = bound + 5 WHERE id = (SELECT min(id) FROM lot)"),
    "what was packed of a lot called wasted": ("I4", "UPDATE lot SET bound = bound - 1, wasted = wasted + 1 WHERE id = (SELECT min(id) FROM lot WHERE bound > 0)"),
    "a lot of another co-op's member": ("I4", "INSERT INTO coop_member (tenant_id, grower_id, number, name) SELECT tenant_id, max(id), '1', '王' FROM grower GROUP BY tenant_id;"
        "UPDATE lot SET member_id = (SELECT max(id) FROM coop_member) WHERE id = (SELECT min(id) FROM lot)"),
    "a phone as a member's name": ("I15", "INSERT INTO coop_member (tenant_id, grower_id, number, name) SELECT tenant_id, max(id), '1', '13912345678' FROM grower GROUP BY tenant_id"),
    "a parcel's units bound to another lot": ("I4", "UPDATE lot_binding SET lot_id = (SELECT max(id) FROM lot) WHERE id = (SELECT min(id) FROM lot_binding)"),
    "a movement on another lot's level": ("I4", "UPDATE stock_movement SET level_id = (SELECT max(id) FROM stock_level) WHERE id = (SELECT max(id) FROM stock_movement)"),
    "a unit fewer shipped than was bought": ("I4 I5", f"UPDATE consignment_line SET quantity = 1 WHERE line_code = {PAID_CODE};"
        f"UPDATE parcel SET contents = :one_less WHERE id = {PAID_PARCEL}"),
    "a consignment of no order": ("I5", "UPDATE consignment SET source_code = 'JSNOBODY' WHERE source_code = :delivered"),
    "a paid line that nobody ships": ("I5", f"DELETE FROM consignment_line WHERE line_code = {PAID_CODE}"),
    "a paid order gone with its lines": ("I1 I3 I5 I13", f"DELETE FROM line_share WHERE line_id = {PAID_LINE}; DELETE FROM order_line WHERE id = {PAID_LINE}; DELETE FROM orders WHERE number = :paid"),
    "another holder in the open custody": ("I6", f"UPDATE custody SET holder_code = 'elsewhere' WHERE parcel_code = {PACKED} AND ended_at IS NULL"),
    "a giver who never had it": ("I6", f"UPDATE custody SET giver_code = 'elsewhere' WHERE parcel_code = {SENT} AND ended_at IS NULL"),
    "a delivered parcel's scans gone": ("I6", "DELETE FROM scan WHERE parcel_code = (SELECT min(code) FROM parcel WHERE status = 'delivered')"),
    "an open custody gone": ("I6", f"DELETE FROM custody WHERE parcel_code = {SENT} AND ended_at IS NULL"),
    "a scan of no parcel": ("I6", f"UPDATE scan SET parcel_code = 'JPX' WHERE parcel_code = {PACKED}; UPDATE custody SET parcel_code = 'JPX' WHERE parcel_code = {PACKED}"),
    "a piece of a zone gone": ("I6", f"DELETE FROM zone_piece WHERE parcel_code = {SENT_OUT}"),
    "a piece at another fee": ("I6", "UPDATE zone_piece SET fee_fen = fee_fen + 1"),
    "a piece of a parcel nobody handed over": ("I6", f"UPDATE zone_piece SET parcel_code = {PACKED} WHERE parcel_code = {SENT_OUT}"),
    "a carried leg of a parcel nobody carried": ("I6", f"UPDATE carried_leg SET parcel_code = {PACKED} WHERE id = {FROZEN}"),
    "a frozen leg gone": ("I3 I6", f"DELETE FROM carried_leg WHERE id = {FROZEN}"),
    "a frozen leg in another firm's name": ("I3 I6", f"UPDATE carried_leg SET firm = '别家' WHERE id = {FROZEN}"),
    "a line of a closed month a fen larger": ("I3", "UPDATE partner_line SET fen = fen + 1"),
    "a closed month that comes to a fen more": ("I1", "UPDATE partner_month SET total_fen = total_fen + 1"),
    "a month closed in another's name": ("I16", "UPDATE partner_month SET closed_by = 'UNOBODY'"),
    "a village that two firms serve": ("I6", "INSERT INTO contract_zone (tenant_id, code, name, operator, per_piece_fen, position)"
        " SELECT tenant_id, 'sm-z-two', '又一片', '别家', 1, 9 FROM contract_zone;"
        "INSERT INTO contract_node (zone_id, node_id, tenant_id) SELECT (SELECT max(id) FROM contract_zone), node_id, tenant_id FROM contract_node"),
    "a box elsewhere than what lies in it": ("I6", "UPDATE box SET place = 'elsewhere'"),
    "a box said to be where nobody scanned it, with what lies in it": ("I6", f"UPDATE box SET place = 'elsewhere'; UPDATE custody SET holder_code = 'elsewhere' WHERE parcel_code = {PACKED} AND ended_at IS NULL"),
    "a parcel in a box that nobody put it into": ("I6", f"UPDATE custody SET box = (SELECT max(code) FROM box) WHERE parcel_code = {SENT} AND ended_at IS NULL"),
    "a scan of no box": ("I6", "UPDATE scan SET box = 'X' WHERE box <> ''"),
    "a place on a shelf kept for a parcel that was delivered": ("I6", SHELVED.format(parcel=f"(SELECT code FROM parcel WHERE id = {DELIVERED})", secret="", reason="")),
    "a parcel gone from its shelf, nobody knows how": ("I6", SHELVED.format(parcel=f"(SELECT code FROM parcel WHERE id = {DELIVERED})", secret="", reason="")
        + ";UPDATE shelf_stay SET ended_at = since"),
    "a coupon that counts one use too few": ("I11", "UPDATE coupon SET used = used - 1"),
    "a coupon's use given back while its order stands": ("I11", "UPDATE coupon_use SET released_at = used_at; UPDATE coupon SET used = used - 1"),
    "a coupon that took off another sum": ("I11", "UPDATE coupon_use SET off_fen = off_fen + 1"),
    "a coupon used by another person than its order's": ("I11", "UPDATE coupon_use SET phone_index = 'x'"),
    "a coupon that ended and nobody said so": ("I9", "UPDATE coupon SET state = 'ended'"),
    "a phone number in a coupon's name": ("I15", "UPDATE coupon SET title = '打 13912345678'"),
    "a fen more of a coupon's gift came back": ("I1 I3", f"UPDATE refund_line SET coupon_fen = coupon_fen + 1 WHERE id = {GIVEN}"),
    "more sold by a link than was": ("I11", "UPDATE order_link SET sold = sold + 3"),
    "a commission at another rate": ("I12", "UPDATE order_link SET commission_bp = 1000"),
    "a seller who is not paid for another's order": ("I1 I3 I12", "DELETE FROM line_share WHERE role = 'seller'"),
    "more sales than there were": ("I13", "UPDATE product SET sales = sales + 1 WHERE id = (SELECT min(id) FROM product)"),
    "a place kept for a parcel that was delivered": ("I14", f"UPDATE planned_leg SET parcel_id = {DELIVERED}"),
    "a place kept on a departure that does not go": ("I9 I14", "UPDATE departure SET status = 'cancelled' WHERE id = (SELECT departure_id FROM planned_leg)"),
    "more on a departure than it carries": ("I14", f"UPDATE parcel SET grams = 999000000 WHERE id = {PAID_PARCEL}"),
    "a parcel and its consignment moved without an event": ("I5 I6 I9", f"UPDATE parcel SET status = 'at_hub' WHERE id = {PAID_PARCEL}"),
}  # fmt: skip


def untold(topic: str) -> str:
    return f"DELETE FROM outbox WHERE topic = '{topic}'"


WORK = {
    "a notice that nobody works on": ("I7", "UPDATE inbox SET processed_at = NULL WHERE id = (SELECT max(id) FROM inbox)"),
    "a worked notice that nobody asked to work on": ("I7", untold("inbox.sandbox")),
    "a refund that nobody asks the gateway for": ("I8", f"DELETE FROM outbox WHERE topic = 'payment.refund' AND key = {OWED}"),
    "a refund asked for and not given": ("I8", f"UPDATE outbox SET done_at = created_at WHERE topic = 'payment.refund' AND key = {OWED}"),
    "nobody told that an order was paid": ("I8", untold("order.paid")),
    "nobody told that an order was cancelled": ("I8", untold("order.cancelled")),
    "nobody told that an order's time ran out": ("I8", untold("order.expired")),
    "nobody told that a parcel was delivered": ("I8", untold("parcel.delivered")),
    "an effect done and given up": ("I8", "UPDATE outbox SET dead_at = done_at WHERE done_at IS NOT NULL"),
    "a plan nobody solves": ("I8", "UPDATE batch_plan SET status = 'solving'"),
    "a worked notice without an outcome": ("I7", "UPDATE inbox SET outcome = ''"),
    "an order's first event gone": ("I9", "DELETE FROM status_event WHERE kind = 'order.payment' AND subject = :paid AND source IS NULL"),
    "an order's last event gone": ("I9", "DELETE FROM status_event WHERE kind = 'order.payment' AND subject = :paid AND target = 'paid'"),
    "an illegal move": ("I9", "UPDATE status_event SET source = 'completed' WHERE kind = 'order.status' AND subject = :refunded AND target = 'cancelled'"),
    "an order's stage moved without an event": ("I9", "UPDATE orders SET fulfillment_status = 'in_transit' WHERE number = :paid"),
    "a departure moved without an event": ("I9", "UPDATE departure SET status = 'open' WHERE id = (SELECT max(id) FROM departure)"),
    "income payable without an event": ("I9", "UPDATE income_entry SET state = 'payable' WHERE id = (SELECT min(id) FROM income_entry WHERE state = 'pending')"),
    "income payable again after it was taken back": ("I3 I9", "UPDATE income_entry SET state = 'payable' WHERE id = (SELECT min(id) FROM income_entry WHERE state = 'reversed' AND party_kind = 'platform')"),
    "the first event of payable income gone": ("I9", "DELETE FROM status_event WHERE kind = 'income' AND source = 'pending' AND target = 'payable'"),
    "a paid order without its moment": ("I1 I3 I9 I13", "UPDATE orders SET paid_at = NULL WHERE number = :paid"),
    "a trip that nobody's history tells of": ("I9", asked_trip("asked")),
    "a rider on a run that goes the other way": ("I9", f"{SPECIAL_RUN};{asked_trip('confirmed', run='(SELECT max(id) FROM special_run)')}"),
    "a kept answer that is none": ("I10", "UPDATE idempotency_key SET status = 0"),
}  # fmt: skip


def said(words: str) -> str:
    return f"INSERT INTO audit_entry (tenant_id, at, actor, role, act, subject, reason, facts) SELECT tenant_id, at, 'x', '', 'y', 'z', '{words}', '{{}}' FROM audit_entry WHERE id = 1"


SIGNED = (
    'INSERT INTO manifest_signature (tenant_id, manifest_id, side, stop, "by", signed_at, parcels, boxes, missing, extra, reason) '
    "SELECT tenant_id, id, 'given', 0, 'U1', issued_at, {parcels}, 0, '[]', '[]', '{reason}' FROM manifest WHERE revision = 2"
)
LAST = "(SELECT max(entry_id) FROM audit_seal)"
RECORDS = {
    "a manifest that was changed": ("I14", "UPDATE manifest SET rows = '[[]]' WHERE revision = 1"),
    "a box on a manifest that did not name it": ("I14", "INSERT INTO manifest_box (manifest_id, box_id, alight, tier) SELECT min(m.id), min(b.id), 1, 'chilled' FROM manifest m, box b"),
    "a signature that counts otherwise than its manifest": ("I14", SIGNED.format(parcels=7, reason="")),
    "a signature that nobody made on the revision it names": (
        "I14", f"{SIGNED.format(parcels=0, reason='')}; UPDATE manifest_signature SET signed_revision = 1 WHERE parcels = 0"
    ),
    "a phone in why a hand-over differs": ("I15", SIGNED.format(parcels=0, reason="打 13912345678")),
    "two valid manifests of one stop": ("I14", "UPDATE manifest SET voided_at = NULL"),
    "a phone in a manifest": ("I14 I15", "UPDATE manifest SET rows = '[\"13912345678\"]'"),
    "a phone in what an income row says": ("I15", "UPDATE income_entry SET words = '打 13912345678' WHERE id = (SELECT min(id) FROM income_entry)"),
    "a phone in a kept answer": ("I15", "UPDATE idempotency_key SET answer = '{\"phone\": \"13912345678\"}'"),
    "a phone in a note of history": ("I15", "UPDATE status_event SET note = '打 13912345678' WHERE id = 1"),
    "a phone in a notice's outcome": ("I15", "UPDATE inbox SET error = '13912345678'"),
    "a phone in a refund's reason": ("I15", "UPDATE refund SET reason = '打13912345678。'"),
    "a phone in a livestream's name": ("I15", "UPDATE order_link SET session_name = '13912345678'"),
    "a pick-up code in clear": ("I6 I15", SHELVED.format(parcel=f"(SELECT code FROM parcel WHERE id = {DELIVERED})", secret="4823", reason="")),
    "a number in why a parcel was given without its code": ("I6 I15", SHELVED.format(parcel=f"(SELECT code FROM parcel WHERE id = {DELIVERED})", secret="", reason="打 13912345678")),
    "a rider's note in clear": ("I9 I15", asked_trip("asked", note="轮椅，打 13912345678")),
    "a phone in why a trip was declined": ("I9 I15", asked_trip("declined", reason="打 13912345678")),
    "a phone in why a line stands still": ("I15", CLOSED),
    "a call at a stop taken back by nobody": ("I9", called_stop("withdrawn", 0)),
    "a call at a stop that the run has not": ("I9", called_stop("called", 99)),
    "counties that may send more than a lane carries": ("I14", OVERBOOKED.format(no="FALSE")),
    "a phone in a disruption": ("I15", "UPDATE disruption SET words = '打 13912345678'"),
    "a phone in a message's error": ("I15", "UPDATE outbox SET error = '13912345678' WHERE id = (SELECT min(id) FROM outbox)"),
    "a buyer's note in clear": ("I15", "UPDATE orders SET note_sealed = '放门卫，打 13912345678' WHERE number = :paid"),
    "a buyer's note in clear where it is packed": ("I15", "UPDATE consignment SET note_sealed = '少放冰' WHERE source_code = :paid"),
    "an ID number in a reason": ("I15", said("身份证 11010519491231002X")),
    "a card in a reason": ("I15", said("卡 6222 0212 3456 7894")),
    "a card without gaps in a reason": ("I15", said("4111111111111111")),
    "a claim that one person decided twice": ("I16", "UPDATE claim SET second_by = decided_by"),
    "a claim decided by nobody": ("I16", "UPDATE claim SET decided_by = '' WHERE status = 'approved'"),
    "a refund by staff that one person asked for and approved": ("I16", "UPDATE refund_request SET decided_by = asked_by"),
    "a refund by staff that stands elsewhere than its history": ("I2 I9", "UPDATE refund_request SET status = 'refused', decided_by = 'user:U1'"),
    "a phone in why staff give back": ("I15", "UPDATE refund_request SET reason = '打 13912345678'"),
    "a claim refused without an event": ("I2 I9", "UPDATE claim SET status = 'refused' WHERE status = 'approved'"),
    "a phone in what a buyer claims": ("I15", "UPDATE claim SET words = '打 13912345678'"),
    "an entry of the audit trail changed": ("I16", "UPDATE audit_entry SET reason = 'x' WHERE id = 1"),
    "the last sealed entry gone, its seal kept": ("I16", f"DELETE FROM audit_entry WHERE id = {LAST}"),
    "the last entries gone with their seals": ("I16", "DELETE FROM audit_entry WHERE id > 2; DELETE FROM audit_seal WHERE entry_id > 2"),
    "every seal gone": ("I16", "DELETE FROM audit_seal"),
    "the head gone": ("I16", "DELETE FROM audit_head"),
    "a shorter chain with its head set back": ("I16", "DELETE FROM audit_entry WHERE id > 2; DELETE FROM audit_seal WHERE entry_id > 2;"
        "UPDATE audit_head SET entry_id = 2, digest = (SELECT digest FROM audit_seal WHERE entry_id = 2)"),
    "a row that refers to one that is gone (only SQLite)": ("I18", "UPDATE order_promise SET station_id = 999999 WHERE order_id = (SELECT id FROM orders WHERE number = :paid)"),
    "an instant with another offset (only SQLite)": ("I19", "UPDATE departure SET starts_at = '2026-11-20 12:00:00.000000+08:00' WHERE id = (SELECT max(id) FROM departure)"),
    "an instant in other words (only SQLite)": ("I19", "UPDATE departure SET starts_at = '2026-11-20T12:00:00.00000Z' WHERE id = (SELECT max(id) FROM departure)"),
    "a journal on another business day": ("I19", "UPDATE journal SET business_date = '2026-01-01' WHERE id = (SELECT min(id) FROM journal)"),
}  # fmt: skip


PAID_STATEMENT = "(SELECT min(id) FROM statement WHERE status = 'reconciled')"
PAYOUT = "(SELECT max(id) FROM journal WHERE kind = 'payout')"

SETTLED = {
    "a statement a yuan larger than its rows": ("I1 I3", f"UPDATE statement SET amount_fen = amount_fen + 100, payout_fen = payout_fen + 100 WHERE id = {PAID_STATEMENT}"),
    "a row taken out of its statement": ("I3", "UPDATE income_entry SET statement_id = NULL WHERE id = (SELECT min(i.id) FROM income_entry i JOIN statement s ON s.id = i.statement_id WHERE s.status = 'frozen')"),
    "a row bound to a statement that does not list it": ("I3", "UPDATE income_entry SET statement_id = (SELECT max(id) FROM statement WHERE status = 'frozen') WHERE id = (SELECT min(id) FROM income_entry WHERE state = 'pending' AND disputed_at IS NULL)"),
    "a line of a voided statement that still stands": ("I3", "UPDATE statement_line SET stands = (1 = 1) WHERE statement_id = (SELECT max(id) FROM statement WHERE status = 'void')"),
    "a row called paid that nobody paid": ("I3 I9", "UPDATE income_entry SET state = 'paid' WHERE id = (SELECT min(id) FROM income_entry WHERE state = 'pending' AND party_kind = 'station')"),
    "a paid statement called to be paid again": ("I1 I3 I9", f"UPDATE statement SET status = 'frozen' WHERE id = {PAID_STATEMENT}"),
    "a payout's journal gone": ("I1", f"DELETE FROM posting WHERE journal_id = {PAYOUT};DELETE FROM journal WHERE id = {PAYOUT}"),
    "a payout paid to another account": ("I1", f"UPDATE posting SET account_id = {account('platform')} WHERE journal_id = {PAYOUT} AND account_id = {account('payout')}"),
    "a voided statement's cash given back twice": ("I1", "UPDATE journal SET key = 'unnetting:nobody' WHERE id = (SELECT min(id) FROM journal WHERE kind = 'reverse_netting')"),
    "what the bank sent back owed to nobody": ("I3", "UPDATE income_entry SET cause_kind = 'rule' WHERE cause_kind = 'statement'"),
    "a difference granted and not owed": ("I3", "UPDATE income_entry SET amount_fen = amount_fen + 1 WHERE cause_kind = 'dispute'"),
    "a run approved by somebody whom the trail does not know": ("I16", "UPDATE settlement_run SET approved_by = 'UNOBODY' WHERE status = 'exported'"),
    "a run that pays less than its statements": ("I3", "UPDATE settlement_run SET payout_fen = payout_fen - 1 WHERE status = 'exported'"),
    "a disputed row let into the next run": ("I3", "UPDATE income_entry SET disputed_at = NULL WHERE disputed_at IS NOT NULL"),
    "a run that is further than its history": ("I9", "UPDATE settlement_run SET status = 'paid' WHERE status = 'exported'"),
    "cash in the books that nobody took": ("I1", "DELETE FROM cash_taking WHERE purpose = 'collected'"),
    "cash taken and half of it in the books": ("I1", "UPDATE cash_taking SET amount_fen = amount_fen * 2 WHERE purpose = 'send'"),
    "a taking undone in name alone": ("I1", "UPDATE cash_taking SET undone_at = taken_at WHERE purpose = 'collected'"),
    "a service paid in cash that nobody earned": ("I3", "UPDATE income_entry SET key = 'x' WHERE id = (SELECT min(id) FROM income_entry WHERE source = 'service' AND words NOT LIKE '%县里%')"),
    "a free service at twice what the county paid": ("I1 I3", "UPDATE service_done SET fee_fen = fee_fen * 2 WHERE paid_by = 'county' AND undone_at IS NULL"),
    "a free service undone in name alone": ("I1 I3", "UPDATE service_done SET undone_at = done_at WHERE paid_by = 'county' AND undone_at IS NULL"),
    "a service paid in cash at another amount": ("I3", "UPDATE service_done SET fee_fen = fee_fen + 1 WHERE paid_by = 'cash'"),
    "a bank card of a payee in the open": ("I15", "UPDATE payee SET account_sealed = '6222020200112233'"),
    "a bank card on a statement in the open": ("I15", "UPDATE statement SET account_sealed = '6222020200112233' WHERE account_sealed <> ''"),
    "a phone in a dispute": ("I15", "UPDATE income_dispute SET reason = '打 13912345678'"),
    "a phone beside a payment": ("I15", f"UPDATE statement SET reference = '13912345678' WHERE id = {PAID_STATEMENT}"),
    "a phone in what cash was for": ("I15", "UPDATE cash_taking SET what = '13912345678'"),
    "a phone in why cash differs": ("I15", "UPDATE cash_close SET reason = '13912345678'"),
    "a phone on a receipt": ("I15", "UPDATE cash_paid_in SET reference = '13912345678'"),
}  # fmt: skip


AWARDED = "(SELECT min(id) FROM subsidy_award WHERE state = 'awarded')"
SMALLER = (
    '{"code" : "sm-grant", "name" : "x", "funder" : "x", "basis" : "grant", "beneficiary" : "station", "starts" : "2020-01-01",'
    ' "ends" : "2090-01-01", "budget_fen" : 1, "evidence" : "x", "cap_fen" : 5000, "cap_every" : "year", "fen_by_year" : [1]}'
)

SUBSIDISED = {
    "an award that nobody earned": ("I3", "UPDATE income_entry SET cause_kind = 'rule' WHERE source = 'subsidy'"),
    "an award without its journal": ("I1", "UPDATE journal SET key = 'nobody' WHERE id = (SELECT min(id) FROM journal WHERE kind = 'subsidy')"),
    "an award larger than its facts make it": ("I1 I3", f"UPDATE subsidy_award SET amount_fen = amount_fen + 100 WHERE id = {AWARDED}"),
    "an award of a rule that says another amount": ("I3", f"UPDATE subsidy_version SET rule = '{SMALLER}' WHERE origin = 'county'"),
    "a budget that took more than was awarded": ("I3", "UPDATE subsidy_fund SET taken_fen = taken_fen + 1 WHERE taken_fen > 0"),
    "a cap that forgets what was awarded": ("I3", "UPDATE subsidy_cap SET taken_fen = 0 WHERE taken_fen > 0"),
    "an award of a version that was never in force": ("I3 I9", "UPDATE subsidy_version SET state = 'draft' WHERE origin = 'county'"),
    "an award called waiting": ("I3 I9", f"UPDATE subsidy_award SET state = 'waiting' WHERE id = {AWARDED}"),
    "a payment of a funder that never came": ("I1 I3", "UPDATE subsidy_payment SET amount_fen = amount_fen + 1"),
    "a version approved by who drafted it": ("I16", "UPDATE subsidy_version SET decided_by = drafted_by WHERE origin = 'desk'"),
    "a document confirmed by nobody": ("I16", "UPDATE subsidy_evidence SET confirmed_by = '' WHERE document = '保单 1'"),
    "a phone in why something was awarded": ("I3 I15", f"UPDATE subsidy_award SET words = '13912345678' WHERE id = {AWARDED}"),
    "a phone on a document": ("I15", "UPDATE subsidy_evidence SET document = '13912345678' WHERE document = '保单 1'"),
    "a phone beside a funder's payment": ("I15", "UPDATE subsidy_payment SET reference = '13912345678'"),
}  # fmt: skip


BILLED = {
    "a fee larger than what was booked": ("I2", "UPDATE gateway_bill_line SET fee_fen = fee_fen + 1 WHERE id = (SELECT min(id) FROM gateway_bill_line)"),
    "a payout in the books that nobody tells of": ("I2", "DELETE FROM gateway_payout WHERE line_id IS NULL AND undone_at IS NULL"),
    "a payout undone in name alone": ("I2", "UPDATE gateway_payout SET undone_at = booked_at WHERE line_id IS NULL AND undone_at IS NULL"),
    "a gateway that lists a fen more than we hold": ("I2", "UPDATE gateway_bill_line SET amount_fen = amount_fen + 1 WHERE id = (SELECT max(id) FROM gateway_bill_line WHERE kind = 'payment')"),
    "what differs, kept from people": ("I2", "DELETE FROM bill_exception WHERE number = 'X1'"),
    "a payment on another county's bill": ("I19", "UPDATE gateway_bill_line SET tenant_id = 99 WHERE id = (SELECT max(id) FROM gateway_bill_line WHERE kind = 'payment')"),
    "a bill's exception closed by who explained it": ("I16", "UPDATE bill_exception SET closed_by = explained_by WHERE status = 'closed'"),
    "a bill's exception further than its history": ("I2 I9", "UPDATE bill_exception SET status = 'healed' WHERE number = 'X2'"),
    "a phone in why a bill differs": ("I15", "UPDATE bill_exception SET reason = '打 13912345678' WHERE status = 'closed'"),
    "a phone beside a payout": ("I15", "UPDATE gateway_payout SET reference = '13912345678' WHERE line_id IS NULL"),
}  # fmt: skip


GIVEN_OUT = "(SELECT id FROM share_request WHERE status = 'shared')"
ROYALTY = "(SELECT max(id) FROM journal WHERE kind = 'royalty')"

SHARED = {
    "a statement said to have been given a fen more": ("I3", "UPDATE statement SET shared_fen = shared_fen + 1 WHERE shared_fen > 0"),
    "a share larger than its request": ("I1 I3", "UPDATE share_part SET amount_fen = amount_fen + 1 WHERE left_out = '' AND request_id = " + GIVEN_OUT),
    "a part that was left out, called given": ("I1 I3", "UPDATE share_part SET left_out = '' WHERE left_out <> ''"),
    "a request that gives a fen more than its parts": ("I3", f"UPDATE share_request SET amount_fen = amount_fen + 1 WHERE id = {GIVEN_OUT}"),
    "a payment that may give more than its part": ("I17", f"UPDATE share_request SET limit_fen = limit_fen + 1000 WHERE id = {GIVEN_OUT}"),
    "two requests that take more of a payment than it gives": ("I17", f"UPDATE share_request SET attempt_id = (SELECT attempt_id FROM share_request WHERE id = {GIVEN_OUT}) WHERE status = 'planned'"),
    "a share out of a payment by another gateway": ("I17", "UPDATE share_request SET attempt_id = (SELECT min(id) FROM payment_attempt WHERE provider = 'sandbox') WHERE status = 'planned'"),
    "a share out of a payment whose days were over": ("I17", "UPDATE share_request SET share_by = '2020-01-01' WHERE status = 'planned'"),
    "a share's journal gone": ("I1", f"DELETE FROM posting WHERE journal_id = {ROYALTY};DELETE FROM journal WHERE id = {ROYALTY}"),
    "a share out of the bank": ("I1", f"UPDATE posting SET account_id = {account('bank')} WHERE journal_id = {ROYALTY} AND account_id = {account('gateway:alipay')}"),
    "a run that waits for no answer": ("I3", "UPDATE settlement_run SET sharing_left = 0 WHERE sharing_left > 0"),
    "a run exported while a share is open": ("I3 I9", "UPDATE settlement_run SET status = 'exported' WHERE sharing_left > 0"),
    "a run shared out by nobody": ("I16", "UPDATE audit_entry SET act = 'x' WHERE act = 'settlement.share'"),
    "a run shared out before it was approved": ("I16", "UPDATE settlement_run SET approved_at = '2999-01-01 00:00:00' WHERE shared_at IS NOT NULL"),
    "a request that is further than its history": ("I3 I9", "UPDATE share_request SET status = 'refused' WHERE status = 'planned'"),
    "a phone in why a share was refused": ("I15", "UPDATE share_request SET reason = '打 13912345678' WHERE status = 'planned'"),
    "a phone in why a part was left out": ("I15", "UPDATE share_part SET left_out = '打 13912345678' WHERE left_out <> ''"),
}  # fmt: skip


DAMAGES = {**MONEY, **GOODS, **WORK, **RECORDS, **SETTLED, **SUBSIDISED, **BILLED, **SHARED}
