"""A firm's month is closed: its legs frozen, its amounts written, the same fen moved in the ledger and owed as income.

One journal a firm and month, `carriage`: Dr transport / Cr `partner:{firm}`. What comes to less than nothing is taken from what the firm
still holds, the rest is owed (`debt:partner:{firm}`) and settled with what comes next.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import bindparam, insert, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict
from core.failpoints import failpoint
from core.ledger.models import Side
from core.ledger.service import held_now, open_account, post
from core.tenant import Tenant
from fulfillment.contracts.queries import Month
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, record
from supply.counties.profile_kinds import Basis

from .drafting import Draft, DraftLine, Unpriced, changed_months, closed_month, draft, groups_of, stretch_of, unpriced_of
from .freight import freight_of
from .matching import Contracts, contracts_of
from .models import CarriedLeg, PartnerLine, PartnerMonth
from .queries import FirmUnknown, is_firm, pieces_of_month
from .reckoning import Group
from .words import how_words, line_words, note_words

_ = i18n.gettext
PAID_BY = "transport"


class MonthNotOver(Conflict):
    """The month is not over yet."""

    code = "month_not_over"


class LegsUnpriced(Conflict):
    """Something was carried that no contract pays."""

    code = "legs_unpriced"


def close(session: Session, tenant_id: int, firm: str, month: Month, *, by: str) -> PartnerMonth:
    """Close a firm's month; closing it again gives the first close. Raises FirmUnknown, MonthNotOver, LegsUnpriced.

    The county's row is locked, so one close is done at a time; scans of its legs wait for the end of it.
    """
    if not is_firm(session, tenant_id, firm):
        raise FirmUnknown(_("没有这家合作企业"))
    if month.after > clock.today():
        raise MonthNotOver(_("{month} 还没有过完，下个月一号起可以结").format(month=month.text))
    session.exec(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True)).one()
    if done := closed_month(session, tenant_id, firm, month):
        return done
    contracts = contracts_of(session, tenant_id, [firm])
    row = PartnerMonth(
        tenant_id=tenant_id, code=new_code("PM"), firm=firm, month=month.first, pieces=0, total_fen=0, closed_by=by, closed_at=clock.now()
    )
    reopened = changed_months(session, tenant_id, firm)
    session.add(row)
    session.flush()
    _freeze(session, row, [month, *reopened], contracts)
    drafted = draft(session, tenant_id, firm, month, contracts, frozen=True)
    failpoint("partners.frozen")
    row.total_fen = drafted.total_fen
    row.pieces = pieces_of_month(session, tenant_id, [firm], month)
    _write(session, row, drafted)
    audit.record(
        session, "partner.close", tenant_id=tenant_id, actor=f"user:{by}", subject=row.code, firm=firm, month=month.text,
        total_fen=row.total_fen,
    )  # fmt: skip
    session.flush()
    return row


def _freeze(session: Session, row: PartnerMonth, months: Sequence[Month], contracts: Contracts) -> None:
    """Every open leg of these months under its contract; those that custody has taken back are taken back."""
    named = {
        "tenant": col(CarriedLeg.tenant_id), "firm": col(CarriedLeg.firm), "kind": col(CarriedLeg.kind), "place": col(CarriedLeg.place),
        "line": col(CarriedLeg.line), "since": col(CarriedLeg.from_node), "until": col(CarriedLeg.to_node), "day": col(CarriedLeg.day),
    }  # fmt: skip
    plain = {"synchronize_session": False}
    rows: list[dict[str, object]] = []
    missing: dict[str, list[Group]] = defaultdict(list)
    for group in groups_of(session, row.tenant_id, [row.firm], months):
        if group.contract:
            continue
        if (contract := contracts.of(group)) is None:
            missing[group.line].append(group)
            continue
        key = dict(zip([f"is_{name}" for name in named], (row.tenant_id, *stretch_of(group)), strict=True))
        rows.append({**key, "to_contract": contract.code, "to_vehicle": group.vehicle})
    if missing:
        raise LegsUnpriced(missing_words(unpriced_of(contracts, missing)[0]))
    frozen = (
        update(CarriedLeg.__table__)  # type: ignore[attr-defined]
        .where(*(column == bindparam(f"is_{name}") for name, column in named.items()), col(CarriedLeg.month_id).is_(None))
        .values(month_id=row.id, contract=bindparam("to_contract"), vehicle=bindparam("to_vehicle"))
    )
    if rows:
        session.connection().execute(frozen, rows)
    back = update(CarriedLeg).where(
        col(CarriedLeg.tenant_id) == row.tenant_id, col(CarriedLeg.firm) == row.firm, col(CarriedLeg.withdrawn),
        col(CarriedLeg.back_month_id).is_(None),
    )  # fmt: skip
    session.execute(back.values(back_month_id=row.id).execution_options(**plain))
    _freeze_freight(session, row, [c.code for c in contracts.every if c.terms.basis == Basis.FREIGHT_SHARE])


def _freeze_freight(session: Session, row: PartnerMonth, contracts: Sequence[str]) -> None:
    if not contracts:
        return
    shared = sql_select(col(CarriedLeg.id), col(CarriedLeg.parcel_code)).where(
        col(CarriedLeg.month_id) == row.id, col(CarriedLeg.contract).in_(contracts)
    )
    legs = session.execute(shared).all()
    paid = freight_of(session, row.tenant_id, {parcel for _id, parcel in legs})
    rows = [{"leg": leg_id, "fen": paid[parcel]} for leg_id, parcel in legs if paid.get(parcel)]
    table = CarriedLeg.__table__  # type: ignore[attr-defined]
    if rows:
        session.connection().execute(update(table).where(table.c.id == bindparam("leg")).values(freight_fen=bindparam("fen")), rows)


def missing_words(unpriced: Unpriced) -> str:
    """What a contract is still to be written for."""
    line = i18n.retold(unpriced.words)
    return _("{line}从 {day} 起有 {n} 件没有合同价，这个月先不能结").format(line=line, day=unpriced.since.isoformat(), n=unpriced.pieces)


def _write(session: Session, row: PartnerMonth, drafted: Draft) -> None:
    """The lines, their journal and their rows of income."""
    lines = [
        {
            "tenant_id": row.tenant_id, "month_id": row.id, "position": position, "kind": line.kind.value, "of_month": line.of_month,
            "contract": line.contract, "words": line.words, "terms": line.terms.to_json(), "quantity": line.due.quantity,
            "pieces": line.due.pieces, "fen": line.fen,
        }
        for position, line in enumerate(drafted.lines)
    ]  # fmt: skip
    if lines:
        session.execute(insert(PartnerLine.__table__), lines)  # type: ignore[attr-defined]
    row.journal_id = _post(session, row) if row.total_fen else None
    earned = [
        Earned(
            key=f"{row.code}:{position}", party_kind="partner", party_code=row.firm, source=Source.CARRIAGE, amount_fen=line.fen,
            cause_kind="partner_month", cause_code=row.code, words=words_of(line),
            facts={"contract": line.contract, "kind": line.kind.value},
        )
        for position, line in enumerate(drafted.lines)
    ]  # fmt: skip
    record(session, earned, tenant_id=row.tenant_id, journal_id=row.journal_id, payable_at=clock.now())


def words_of(line: DraftLine) -> str:
    month, how = f"{line.of_month:%Y-%m}", how_words(line.terms, line.due.quantity, line.due.steps)
    return line_words(month, line.words, note_words(line.kind, month, line.terms, how))


def _post(session: Session, row: PartnerMonth) -> int | None:
    firm, debt = f"partner:{row.firm}", f"debt:partner:{row.firm}"
    held = held_now(session, [firm], tenant_id=row.tenant_id).get(firm, 0)
    from_firm = min(held, -row.total_fen) if row.total_fen < 0 else -row.total_fen
    amounts = {PAID_BY: row.total_fen, firm: from_firm, debt: -row.total_fen - from_firm}
    sides = {PAID_BY: Side.CREDIT, firm: Side.CREDIT, debt: Side.DEBIT}
    lines = [
        (open_account(session, code, tenant_id=row.tenant_id, side=sides[code], may_be_negative=code == PAID_BY).id or 0, fen)
        for code, fen in sorted(amounts.items())
        if fen
    ]
    journal = post(
        session, f"carriage:{row.code}", lines, tenant_id=row.tenant_id, kind="carriage", cause_kind="partner_month", cause_code=row.code
    )
    return journal.id
