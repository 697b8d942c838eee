"""What can happen to coupons: offered to a basket, used by an order, given back, used again; drafted, opened by a second person, ended.

The counter moves by one guarded UPDATE, so of a hundred buyers of the last use one has it; that UPDATE holds the coupon's row until
the commit, so a person's own uses are counted without anybody in between.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from unicodedata import normalize

from sqlalchemy import Table, bindparam, insert, or_, select, update
from sqlmodel import Session, func
from sqlmodel import select as sql_select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.money import format_fen
from core.status import began, move
from core.text import clean

from .models import COUPON, Coupon, CouponState, CouponUse

_ = i18n.gettext
PROMO = re.compile(r"[A-Z0-9]{4,20}")
MOST_USES, MOST_FEN, MOST_WORDS = 1_000_000, 100_000_000, 30
LEAST_GOODS_FEN = 1_000
_coupon: Table = Coupon.__table__  # type: ignore[attr-defined]
_use: Table = CouponUse.__table__  # type: ignore[attr-defined]
_USED = insert(_use)
_FITTING = (
    select(_coupon.c.promo, _coupon.c.min_goods_fen, _coupon.c.off_fen)
    .where(
        _coupon.c.tenant_id == bindparam("tenant"), _coupon.c.state == CouponState.OPEN, _coupon.c.is_listed,
        _coupon.c.starts_at <= bindparam("now"), _coupon.c.ends_at > bindparam("now"), _coupon.c.used < _coupon.c.uses,
        _coupon.c.min_goods_fen <= bindparam("goods"),
    )
    .order_by(_coupon.c.off_fen.desc(), _coupon.c.id)
    .limit(5)
)  # fmt: skip
_TAKE = (
    update(_coupon)
    .where(
        _coupon.c.id == bindparam("coupon"), _coupon.c.state == CouponState.OPEN, _coupon.c.used < _coupon.c.uses,
        _coupon.c.starts_at <= bindparam("now"), _coupon.c.ends_at > bindparam("now"),
    )
    .values(used=_coupon.c.used + 1)
)  # fmt: skip
_AGAIN = update(_coupon).where(_coupon.c.id == bindparam("coupon"), _coupon.c.used < _coupon.c.uses).values(used=_coupon.c.used + 1)
_BACK = update(_coupon).where(_coupon.c.id == bindparam("coupon")).values(used=_coupon.c.used - 1)


class CouponUnusable(Conflict):
    """The coupon does not count for this basket or person; the words say why. Without it the basket can be bought."""

    code = "coupon_unusable"


class CouponUnknown(NotFound):
    """No such coupon in this county."""

    code = "coupon_unknown"


class OwnDraft(Forbidden):
    """A coupon is opened by another than who made it."""

    code = "own_draft"


class Fitting(NamedTuple):
    """A listed coupon that counts for a basket."""

    promo: str
    min_goods_fen: int
    off_fen: int


class Offer(NamedTuple):
    """What a coupon takes off this basket."""

    id: int
    promo: str
    title: str
    off_fen: int


def read_promo(text: str) -> str:
    """As typed, in full width or with gaps, in the form promo codes are kept in."""
    return re.sub(r"[\s-]", "", normalize("NFKC", clean(text))).upper()


def offered(session: Session, text: str, goods_fen: int, *, tenant_id: int) -> Offer:
    """What the coupon of this promo code takes off goods of this worth now. Raises CouponUnusable."""
    promo, now = read_promo(text), clock.now()
    found = session.exec(sql_select(Coupon).where(Coupon.tenant_id == tenant_id, Coupon.promo == promo)).first()
    if found is None or found.state == CouponState.DRAFT:
        raise CouponUnusable(_("没有这张券，看看码有没有输错"), field="coupon")
    if found.state == CouponState.ENDED or found.ends_at <= now:
        raise CouponUnusable(_("这张券已经过期"), field="coupon")
    if found.starts_at > now:
        raise CouponUnusable(_("这张券 {day} 起能用").format(day=i18n.day(clock.business_date(found.starts_at))), field="coupon")
    if found.used >= found.uses:
        raise CouponUnusable(_("这张券已经用完了"), field="coupon")
    if goods_fen < found.min_goods_fen:
        words = _("这张券货款满 {sum} 元才能用").format(sum=format_fen(found.min_goods_fen))
        raise CouponUnusable(words, field="coupon", min_goods_fen=found.min_goods_fen)
    return Offer(found.id or 0, found.promo, found.title, found.off_fen)


def fitting(session: Session, goods_fen: int, *, tenant_id: int) -> list[Fitting]:
    """The listed coupons that count for goods of this worth now, what takes most off first; one query."""
    found = session.connection().execute(_FITTING, {"tenant": tenant_id, "now": clock.now(), "goods": goods_fen})
    return [Fitting(*row) for row in found]


def use(session: Session, offer: Offer, order_id: int, *, tenant_id: int, phone_index: str, user_id: int | None) -> None:
    """The order uses it. Raises CouponUnusable: the caller's transaction must then be rolled back."""
    now = clock.now()
    if not session.connection().execute(_TAKE, {"coupon": offer.id, "now": now}).rowcount:
        raise CouponUnusable(_("这张券刚刚用完了"), field="coupon")
    own = or_(_use.c.phone_index == phone_index, _use.c.user_id == user_id) if user_id is not None else _use.c.phone_index == phone_index
    held = select(func.count()).where(_use.c.coupon_id == offer.id, _use.c.released_at.is_(None), own)
    most = session.connection().execute(select(_coupon.c.per_person).where(_coupon.c.id == offer.id)).scalar_one()
    if session.connection().execute(held).scalar_one() >= most:
        raise CouponUnusable(_("这张券每人只能用 {n} 次").format(n=most), field="coupon")
    row = {
        "tenant_id": tenant_id, "coupon_id": offer.id, "order_id": order_id, "phone_index": phone_index, "user_id": user_id,
        "off_fen": offer.off_fen, "used_at": now, "released_at": None,
    }  # fmt: skip
    session.connection().execute(_USED, row)


def release(session: Session, order_id: int) -> None:
    """An order that ended gives its use back, once; one without a coupon has nothing to give."""
    given = update(_use).where(_use.c.order_id == order_id, _use.c.released_at.is_(None)).values(released_at=clock.now())
    for (coupon_id,) in session.connection().execute(given.returning(_use.c.coupon_id)).all():
        session.connection().execute(_BACK, {"coupon": coupon_id})


def use_again(session: Session, order_id: int) -> None:
    """Late money revives an order: it keeps the price it was placed at as long as a use is left, its time over or not.

    Raises CouponUnusable: the caller's transaction or savepoint must then be rolled back.
    """
    taken = update(_use).where(_use.c.order_id == order_id, _use.c.released_at.is_not(None)).values(released_at=None)
    for (coupon_id,) in session.connection().execute(taken.returning(_use.c.coupon_id)).all():
        if not session.connection().execute(_AGAIN, {"coupon": coupon_id}).rowcount:
            raise CouponUnusable(_("这张券刚刚用完了"), field="coupon")


def draft(
    session: Session, *, tenant_id: int, promo: str, title: str, off_fen: int, min_goods_fen: int, uses: int, per_person: int,
    starts_at: datetime, ends_at: datetime, is_listed: bool, by: str,
) -> Coupon:  # fmt: skip
    """A coupon that a second person has yet to open. Raises Refused."""
    promo, title = read_promo(promo), clean(title)
    if not PROMO.fullmatch(promo):
        raise Refused(_("券码用 4 到 20 个字母或数字"), field="promo")
    if not 0 < len(title) <= MOST_WORDS:
        raise Refused(_("给券起个名字，{n} 个字以内").format(n=MOST_WORDS), field="title")
    if not 0 < off_fen <= MOST_FEN:
        raise Refused(_("写减多少元"), field="off")
    if not max(2 * off_fen, LEAST_GOODS_FEN) <= min_goods_fen <= MOST_FEN:
        raise Refused(_("最多减一半：满的金额至少是减的两倍，也不少于 10 元"), field="min_goods")
    if not 1 <= uses <= MOST_USES:
        raise Refused(_("张数在 1 到 {n} 之间").format(n=MOST_USES), field="uses")
    if not 1 <= per_person <= uses:
        raise Refused(_("每人能用的次数在 1 和张数之间"), field="per_person")
    if ends_at <= starts_at:
        raise Refused(_("最后一天不能早于第一天"), field="ends")
    if session.exec(sql_select(Coupon.id).where(Coupon.tenant_id == tenant_id, Coupon.promo == promo)).first() is not None:
        raise Refused(_("这个券码用过了，换一个"), field="promo")
    made = Coupon(
        tenant_id=tenant_id, code=new_code("CU"), promo=promo, title=title, off_fen=off_fen, min_goods_fen=min_goods_fen, uses=uses,
        per_person=per_person, is_listed=is_listed, starts_at=starts_at, ends_at=ends_at, made_by=by, created_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    began(session, COUPON, CouponState.DRAFT, tenant_id=tenant_id, subject=made.code, by=by)
    audit.record(
        session, "coupon.draft", tenant_id=tenant_id, actor=f"user:{by}", subject=made.code, promo=promo, off_fen=off_fen,
        min_goods_fen=min_goods_fen, uses=uses, per_person=per_person,
    )  # fmt: skip
    return made


def named(session: Session, code: str, *, tenant_id: int) -> Coupon:
    """Raises CouponUnknown."""
    found = session.exec(sql_select(Coupon).where(Coupon.tenant_id == tenant_id, Coupon.code == code)).first()
    if found is None:
        raise CouponUnknown(_("没有这张券"))
    return found


def open_it(session: Session, coupon: Coupon, *, by: str) -> None:
    """By another than who made it. Raises OwnDraft, StatusMoved."""
    if coupon.made_by == by:
        raise OwnDraft(_("要由另一个人看过再发，做券的人自己不能发"))
    _move(session, coupon, CouponState.DRAFT, CouponState.OPEN, by=by, opened_by=by)


def end(session: Session, coupon: Coupon, *, by: str) -> None:
    """Nobody can use it any more; orders that have used it keep it. Raises StatusMoved."""
    _move(session, coupon, (CouponState.DRAFT, CouponState.OPEN), CouponState.ENDED, by=by)


def _move(session: Session, coupon: Coupon, source: str | Sequence[str], target: CouponState, *, by: str, **values: str) -> None:
    move(
        session, Coupon, coupon.id or 0, "state", COUPON, source if isinstance(source, str) else tuple(source), target,
        tenant_id=coupon.tenant_id, subject=coupon.code, by=by, values=values,
    )  # fmt: skip
    audit.record(session, f"coupon.{target}", tenant_id=coupon.tenant_id, actor=f"user:{by}", subject=coupon.code)
