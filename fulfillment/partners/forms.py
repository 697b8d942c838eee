"""What finance types of a month and of a contract."""

from datetime import date

from core import i18n
from core.errors import Refused
from core.moments import read_day
from core.web.forms import Plain, Typed, fen
from supply.counties.profile_kinds import Basis

from .agreeing import Terms

_ = i18n.gettext


class ClosingForm(Plain):
    month: Typed


class ContractForm(Plain):
    """`cover` is `line:` and a line's code, or `kind:` and a kind; amounts in yuan, a share's price in percent."""

    cover: Typed = ""
    basis: Typed = ""
    price: Typed = ""
    starts: Typed = ""
    minimum: Typed = ""
    cap: Typed = ""
    before: Typed = ""

    def terms(self) -> Terms:
        """Raises Refused at the first field that cannot be read."""
        what, _colon, code = self.cover.partition(":")
        if self.basis not in set(Basis):
            raise Refused(_("选按什么算"), field="basis")
        return Terms(
            Basis(self.basis), fen(self.price, "price"), self._starts(), code if what == "line" else "", code if what == "kind" else "",
            _maybe(self.minimum, "minimum"), _maybe(self.cap, "cap"), _maybe(self.before, "before"),
        )  # fmt: skip

    def _starts(self) -> date:
        try:
            return read_day(self.starts.strip())
        except ValueError as wrong:
            raise Refused(_("没有这一天，请写成 2026-05-23"), field="starts") from wrong


def _maybe(text: str, field: str) -> int | None:
    return fen(text, field) if text.strip() else None
