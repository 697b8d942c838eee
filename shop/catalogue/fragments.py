"""Rendered parts of public pages, kept until the catalogue changes or the day ends.

Never for price or stock of what is being bought: the version is raised by what these parts show – listings, seasons,
stations, what sold out – and by nothing else.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from core import clock, i18n
from core.settings import settings
from core.web.templates import template
from supply.counties.models import County

MOST = 400
_kept: OrderedDict[tuple[object, ...], Markup] = OrderedDict()


def fragment(name: str, county: County, make: Callable[[], Mapping[str, Any]], *key: object) -> Markup:
    """The named template rendered with what `make` returns; `make` is asked only when nothing is kept under this key."""
    place = (settings.url, county.id, county.catalogue_version, i18n.locale(), clock.today(), name, *key)
    if (found := _kept.get(place)) is None:
        text = template(name).render(county=county, **make())
        found = _kept[place] = Markup(text)  # noqa: S704 - our own template, escaped as it was rendered
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    else:
        _kept.move_to_end(place)
    return found
