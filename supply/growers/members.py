"""A co-op's members: their number and name, so that a lot may be a member's own."""

import re

from sqlmodel import Session, col, select

from core import pii
from core.errors import Conflict, Refused

from .models import CoopMember, Grower, GrowerKind

NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,11}")


class MemberUnknown(Refused):
    """The co-op has no such member."""

    code = "member_unknown"


class NumberTaken(Conflict):
    """Another member of the co-op has this number."""

    code = "number_taken"


def add_member(session: Session, coop: Grower, *, number: str, name: str) -> CoopMember:
    """The same number and name again is the same member. Raises Refused, NumberTaken."""
    number, name = number.strip(), name.strip()
    if coop.kind != GrowerKind.COOP:
        raise Refused("只有合作社有社员", field="coop")
    if not NUMBER.fullmatch(number):
        raise Refused("社员编号用数字和字母，12 位以内", field="number")
    if not 1 <= len(name) <= 20 or pii.mask_numbers(name) != name:
        raise Refused("写社员的姓名，20 个字以内", field="name")
    session.exec(select(Grower.id).where(Grower.id == coop.id).with_for_update()).one()  # two of one number wait for each other
    known = session.exec(select(CoopMember).where(CoopMember.grower_id == coop.id, CoopMember.number == number)).first()
    if known is not None:
        if known.name != name:
            raise NumberTaken("这个编号已经是别的社员的")
        return known
    member = CoopMember(tenant_id=coop.tenant_id, grower_id=coop.id or 0, number=number, name=name)
    session.add(member)
    session.flush()
    return member


def members_of(session: Session, coop: Grower) -> list[CoopMember]:
    """By number."""
    asked = select(CoopMember).where(CoopMember.grower_id == coop.id).order_by(col(CoopMember.number), col(CoopMember.id))
    return list(session.exec(asked))


def member_of(session: Session, coop: Grower, number: str) -> CoopMember:
    """Raises MemberUnknown."""
    found = session.exec(select(CoopMember).where(CoopMember.grower_id == coop.id, CoopMember.number == number)).first()
    if found is None:
        raise MemberUnknown("合作社没有这位社员", field="member")
    return found
