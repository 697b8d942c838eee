"""Who can sign in on a demonstration, as the login page and `make run` list them."""

from typing import NamedTuple

from sqlmodel import col, select

from core import db, i18n, pii
from core.auth.models import User
from core.auth.pages import homes

_ = i18n.gettext
PASSWORD = "jishi-demo"  # noqa: S105 - printed on purpose, demo mode only
FIRST_MASTER, MOST_MASTERS = 13_800_000_011, 400  # one phone a station, in order


class SignIn(NamedTuple):
    phone: str
    role: str
    name: str  # as the login page says it
    home: str


def sign_ins() -> list[SignIn]:
    """One a role, in the order of the demo's phones."""
    people = (
        ("13800000006", "consumer", _("消费者")), ("13800000011", "master", _("站长，往后每站一号")), ("13800000010", "helper", _("站员")),
        ("13800000002", "dispatcher", _("调度员")), ("13800000003", "driver", _("司机")), ("13800000007", "sorter", _("分拣员")),
        ("13800000005", "seller", _("主播")), ("13800000009", "grower", _("农户")), ("13700000001", "merchant", _("商户")),
        ("13800000008", "partner", _("合作企业")), ("13800000004", "finance", _("财务")), ("13800000000", "finance", _("财务复核")),
        ("13800000001", "admin", _("县管理员")),
    )  # fmt: skip
    return [SignIn(phone, role, name, homes.get(role, "/account" if role != "consumer" else "/")) for phone, role, name in people]


def hashes() -> set[str]:
    """The password hashes that the demo's phones have here; all one, unless somebody has changed theirs."""
    phones = [str(FIRST_MASTER + n) for n in range(MOST_MASTERS)] + [person.phone for person in sign_ins()]
    with db.reading() as session:
        rows = session.exec(select(User.password_hash).where(col(User.phone_index).in_([pii.blind_index(phone) for phone in phones])))
        return {hashed for hashed in rows if hashed}
