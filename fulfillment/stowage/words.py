"""What a stowage sheet is said with."""

from core import i18n

from .bays import Bay
from .sheet import Sheet

_ = i18n.gettext


def bay_name(bay: Bay) -> str:
    """Its painted name, or what it is."""
    return bay.name or (_("冷藏处") if bay.cold else _("货舱"))


def verdict(sheet: Sheet) -> tuple[str, str, str]:
    """In a line, what to do, and its tone: whether boxes must be lifted out of the way."""
    if sheet.left:
        boxes = sum(n for _load, n in sheet.left)
        return _("有 %(n)s 筐放不下") % {"n": boxes}, _("先告诉调度，不要硬塞。"), "bad"
    if not sheet.lifts:
        return _("照这个次序装，沿途不用倒筐"), _("先装的在里面，后装的在门口；到站从门口往里卸。"), "go"
    if sheet.exact:
        return _("沿途至少要倒 %(n)s 筐") % {"n": sheet.lifts}, _("上下的站交错，怎么装都要倒；在哪站倒，下面写着。"), "wait"
    return _("沿途要倒 %(n)s 筐") % {"n": sheet.lifts}, _("上下的站交错；在哪站倒，下面写着。"), "wait"
