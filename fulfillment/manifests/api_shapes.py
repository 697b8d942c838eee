"""What GET /departures/{id}/manifests answers."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Grams, Moment, Tier, told


class ManifestParcel(TypedDict):
    """One row of a manifest."""

    code: Annotated[str, told("The parcel's code.")]
    alight: Annotated[int, told("Position of the stop it is for.")]
    tier: Tier
    g: Grams
    box_milli: Annotated[int, told("Its share of a standard box in thousandths.")]
    box: Annotated[str | None, told("The turnover box it lies in, or rode in on this departure; null when it is by itself.")]


class ManifestGroup(TypedDict):
    """What goes to one stop in one tier: whole boxes."""

    alight: Annotated[int, told("Position of the stop it is for.")]
    tier: Tier
    boxes: Annotated[int, told("Whole boxes it needs.")]
    named: Annotated[list[str], told("The turnover boxes named for it.")]


class OneManifest(TypedDict):
    """What is handed over at one boarding stop, frozen; a changed load or another box is a new revision."""

    code: Annotated[str, told("The manifest's code.")]
    stop: Annotated[int, told("Position of the boarding stop.")]
    node: Annotated[str, told("The boarding stop's code.")]
    revision: int
    issued_at: Moment
    digest: Annotated[str, told("SHA-256 over its rows and named boxes.")]
    groups: list[ManifestGroup]
    parcels: list[ManifestParcel]


class Manifests(TypedDict):
    """The manifests of a departure that hold now, by stop; void ones are left out."""

    departure: Annotated[str, told("The departure's code.")]
    items: list[OneManifest]
