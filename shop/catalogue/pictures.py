"""Where pictures are found, and the plates drawn by this county's one hand, each at an address of its own.

A photograph taken at the station comes first; without one a product shows its crop's plate, a station its village.
"""

from functools import lru_cache

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, select

from core import db
from core.errors import NotFound
from core.permissions import Nobody
from supply.pictures.plates import DRAWINGS, crop_of, crop_svg
from supply.pictures.scenery import landscape_svg, station_svg
from supply.stations.models import Node, NodeKind, Station

router = APIRouter(include_in_schema=False)
DRAWING = "1"  # raised when a hand is redrawn: browsers keep an address for a year
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
SEASIDE = ("渔", "港", "海", "岛", "滩", "塘", "礁", "湾", "码头")


def picture_url(picture: str, category: str, name: str) -> str:
    """The address of a product's picture."""
    return picture or plate_url(crop_of(category, name))


def plate_url(crop: str) -> str:
    return f"/plates/{crop}.svg?v={DRAWING}"


def village_url(code: str, picture: str = "") -> str:
    """The address of a station's picture."""
    return picture or f"/plates/villages/{code}.svg?v={DRAWING}"


def banner_url(county_code: str, *, island: bool = False) -> str:
    """The landscape across the foot of a page."""
    return f"/plates/land/{county_code}.svg?v={DRAWING}{'&island=1' if island else ''}"


def _picture(svg: str) -> Response:
    return Response(svg, media_type="image/svg+xml", headers=HEADERS)


@router.get("/plates/{crop}.svg")
def read_plate(crop: str, _: Nobody) -> Response:
    if crop not in DRAWINGS:
        raise NotFound("没有这幅图")
    return _picture(crop_svg(crop))


@router.get("/plates/villages/{code}.svg")
def read_village(code: str, _: Nobody) -> Response:
    with db.reading() as session:
        name, sea = _station_name(session, code)
    return _picture(station_svg(name, sea=sea))


@router.get("/plates/land/{county}.svg")
def read_land(request: Request, county: str, _: Nobody) -> Response:
    if not county.isalnum() or len(county) > 40:
        raise NotFound("没有这幅图")
    return _picture(_land(county, "island" in request.query_params))


def _station_name(session: Session, code: str) -> tuple[str, bool]:
    row = session.exec(select(Station.name, Station.story).where(Station.code == code)).first()
    if row is None:
        raise NotFound("没有这个驿站")
    return row[0], any(word in row[0] + row[1] for word in SEASIDE)


@lru_cache(maxsize=8)
def _land(county: str, island: bool) -> str:
    return landscape_svg(county, island=island)


def is_island(session: Session, tenant_id: int) -> bool:
    """Whether the county's stations are reached by sea: it has piers."""
    return session.exec(select(Node.id).where(Node.tenant_id == tenant_id, Node.kind == NodeKind.PIER)).first() is not None
