"""An exception that does not heal is explained by one person of finance and closed by another; what money must move is moved by the
entries that exist for it, never by an edit here."""

from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.errors import Forbidden, NotFound, Refused
from core.pii import mask_numbers
from core.status import StatusMoved, move

from .models import EXCEPTION, BillException, ExceptionStatus

_ = i18n.gettext


class ExceptionUnknown(NotFound):
    """No such exception in this county."""

    code = "exception_unknown"


class SameEyes(Forbidden):
    """Who explained it cannot close it."""

    code = "same_person"


def explain(session: Session, code: str, *, tenant_id: int, by: str, reason: str) -> BillException:
    """Say what it was and what was done about it. Raises ExceptionUnknown, Refused, StatusMoved."""
    words = mask_numbers(reason.strip())[:400]
    if not words:
        raise Refused(_("写一句查到了什么、怎么处理的"), field="reason")
    return _move(
        session, code, ExceptionStatus.OPEN, ExceptionStatus.EXPLAINED, tenant_id=tenant_id, by=by, note=words,
        act="reconciliation.explain", values={"reason": words, "explained_by": by},
    )  # fmt: skip


def close(session: Session, code: str, *, tenant_id: int, by: str) -> BillException:
    """The second look. Raises ExceptionUnknown, SameEyes, StatusMoved."""
    row = named(session, code, tenant_id=tenant_id)
    if row.explained_by == by:
        raise SameEyes(_("说明是你写的，要由另一位财务看过才能了结"))
    return _move(
        session, code, ExceptionStatus.EXPLAINED, ExceptionStatus.CLOSED, tenant_id=tenant_id, by=by, note="", act="reconciliation.close",
        values={"closed_by": by, "closed_at": clock.now()},
    )  # fmt: skip


def send_back(session: Session, code: str, *, tenant_id: int, by: str) -> BillException:
    """The second look was not convinced. Raises ExceptionUnknown, StatusMoved."""
    return _move(
        session, code, ExceptionStatus.EXPLAINED, ExceptionStatus.OPEN, tenant_id=tenant_id, by=by, note="", act="reconciliation.send_back",
        values={},
    )  # fmt: skip


def named(session: Session, code: str, *, tenant_id: int) -> BillException:
    """Raises ExceptionUnknown."""
    asked = select(BillException).where(BillException.tenant_id == tenant_id, col(BillException.code) == code)
    found = session.exec(asked.execution_options(populate_existing=True)).first()
    if found is None:
        raise ExceptionUnknown(_("没有这一项"))
    return found


def _move(
    session: Session, code: str, source: ExceptionStatus, target: ExceptionStatus, *, tenant_id: int, by: str, note: str, act: str,
    values: dict[str, object],
) -> BillException:  # fmt: skip
    row = named(session, code, tenant_id=tenant_id)
    try:
        move(
            session, BillException, row.id or 0, "status", EXCEPTION, source, target, tenant_id=tenant_id, subject=code, by=by, note=note,
            values=values,
        )  # fmt: skip
    except StatusMoved as gone:
        raise StatusMoved(_("这一项已经有人处理过，请看最新的"), subject=code, wanted=str(target)) from gone
    audit.record(session, act, tenant_id=tenant_id, actor=f"user:{by}", subject=code, reason=note)
    return row
