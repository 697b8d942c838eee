"""/finance/exports – tables for tax and audit: what is in them is seen first; a file asks for a reason and leaves an audit row.

Five files an hour a person. A long period is written as it is sent.
"""

import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlmodel import Session

from core import audit, db, i18n, limits
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound, Refused
from core.money import format_fen
from core.permissions import Actor, allow
from core.pii import mask_numbers
from core.sheets import Cell, csv_parts, pack_xlsx
from core.web import page
from core.web.forms import Plain, Typed
from core.web.nav import Entry, register
from fulfillment.settlement.files import CSV, XLSX
from fulfillment.settlement.payees import earned
from fulfillment.settlement.words import PARTIES, names_of, party_words

from .earners import earners
from .periods import quarter_of, span_of, this_quarter
from .tables import SHOWN, Table, Wanted, check_size, mark, table_named, tables, whole

router = APIRouter(prefix="/finance/exports")
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
register("finance", Entry(7, "/finance/exports", i18n.marked("导出"), "down"))
MOST = "5/hour"
PIECE = 64 * 1024
HELD = 4 * 1024 * 1024  # of an XLSX before it goes to disk
Text = Annotated[str, Query(max_length=40)]


class Asked(Plain):
    """Which part of a table, as which file, and what for."""

    first: Typed = ""
    last: Typed = ""
    quarter: Typed = ""
    party: Typed = ""
    file: Literal["csv", "xlsx"] = "csv"
    reason: Typed = ""


@router.get("")
def index(request: Request, actor: Reader) -> Response:
    return page(request, "exports/index.html", block="exports", tables=tables(), notes=_notes())


def _notes() -> dict[str, str]:
    return {
        "journal": _("每一笔账的每一行，给审计和会计用"), "balance": _("每个账户期初、借、贷、期末，合计为零"),
        "person": _("一位站长、农户或主播的每一笔收入"), "quarter": _("平台内经营者和从业人员每季度的收入，给税务报送用"),
    }  # fmt: skip


@router.get("/{kind}")
def show(
    request: Request, kind: str, session: Read, actor: Reader, first: Text = "", last: Text = "", quarter: Text = "", party: Text = ""
) -> Response:  # fmt: skip
    asked = {"first": first, "last": last, "quarter": quarter, "party": party}
    return _show(request, session, actor, kind, asked)


def _show(
    request: Request, session: Session, actor: Actor, kind: str, asked: dict[str, str], *, wrong: JishiError | None = None
) -> Response:
    table = table_named(kind)
    wanted = None
    try:
        wanted = _wanted(session, actor, kind, asked)
    except Refused as refused:
        wrong = wrong or refused
    rows: list[list[str]] = []
    total: Any = None
    if wanted is not None and (kind != "person" or wanted.party_code):
        rows = [_read_by_people(row, table.codes) for row in islice(table.rows(wanted), SHOWN + 1)]
        total = _read_by_people(table.total(session, wanted))
    field = {"from": "first", "to": "last"}.get(str(wrong.more.get("field", "")), str(wrong.more.get("field", ""))) if wrong else ""
    people = earners(session, tenant_id=actor.tenant_id) if kind == "person" else []
    return page(
        request, "exports/table.html", block="table", status=wrong.status if wrong else 200, kind=kind, table=table,
        head=_read_by_people(table.head, table.codes), note=_notes()[kind],
        wanted=wanted, rows=rows[:SHOWN], is_cut=len(rows) > SHOWN, total=total, asked=asked, people=people, parties=party_words(),
        quarter_now=this_quarter().code, wrong=wrong, errors={field: wrong.detail} if wrong and field else {}, form_key=new_token(),
    )  # fmt: skip


def _read_by_people(row: Sequence[Cell], codes: Sequence[int] = ()) -> list[str]:
    shown = [cell for n, cell in enumerate(row) if n not in codes]
    return [format_fen(int(cell.scaleb(2))) if isinstance(cell, Decimal) else "" if cell is None else str(cell) for cell in shown]


def _wanted(session: Session, actor: Actor, kind: str, asked: dict[str, str]) -> Wanted:
    """What was typed, checked. Raises Refused."""
    party_kind, _mark, party_code = asked["party"].partition(":")
    if kind == "person" and asked["party"] and (party_kind not in PARTIES or not earned(session, actor.tenant_id, party_kind, party_code)):
        raise Refused(_("没有这个收款人"), field="party")
    return Wanted(actor.tenant_id, span_of(asked["first"], asked["last"]), quarter_of(asked["quarter"]), party_kind, party_code)


@router.post("/{kind}/files")
def take(request: Request, kind: str, form: Annotated[Asked, Form()], actor: Reader) -> Response:
    """The file itself. The audit row is committed before the first byte leaves."""
    asked = {name: getattr(form, name) for name in ("first", "last", "quarter", "party")}
    try:
        with db.writing() as session:
            table, wanted = table_named(kind), _wanted(session, actor, kind, asked)
            if kind == "person" and not wanted.party_code:
                raise Refused(_("先选一个人"), field="party")
            if not form.reason.strip():
                raise Refused(_("写一句给谁用、做什么用"), field="reason")
            if form.file == "xlsx":
                check_size(session, kind, wanted)
            limits.hit("export", actor.key, MOST)
            span = wanted.quarter.span if kind == "quarter" else wanted.span
            audit.record(
                session, "export", tenant_id=actor.tenant_id, actor=f"user:{actor.user_code}", subject=kind, reason=form.reason.strip(),
                first=span.first.isoformat(), last=span.last.isoformat(), party=wanted.party_code, file=form.file,
            )  # fmt: skip
            who = names_of(session, [("seller", actor.user_code)])["seller", actor.user_code]
    except NotFound:
        raise
    except JishiError as wrong:
        with db.reading() as session:
            return _show(request, session, actor, kind, asked | {"reason": form.reason}, wrong=wrong)
    name = f"{table.name}-{span.first:%Y%m%d}-{span.last:%Y%m%d}.{form.file}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    seal = mark(mask_numbers(who), form.reason.strip())
    if form.file == "csv":
        return StreamingResponse(_said(csv_parts(whole(table, wanted, seal))), media_type=CSV, headers=headers)
    return StreamingResponse(_packed(table, wanted, seal), media_type=XLSX, headers=headers)


def _said(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Lines gathered into pieces worth sending."""
    held = bytearray()
    for part in parts:
        held += part
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _packed(table: Table, wanted: Wanted, seal: str) -> Iterator[bytes]:
    """Whole before the answer begins, so that what fails is no file; on disk where it is long."""
    out = tempfile.SpooledTemporaryFile(HELD)  # noqa: SIM115 - closed by whoever has sent it
    pack_xlsx(out, table.title, whole(table, wanted, seal))
    out.seek(0)
    return _read(out)


def _read(out: IO[bytes]) -> Iterator[bytes]:
    with out:
        while piece := out.read(PIECE):
            yield piece
