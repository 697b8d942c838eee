"""What GET /departures/{id}/manifests answers."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Grams, Moment, MomentText, Next, Tier, told

from .models import SignedAs


class ManifestSigned(TypedDict):
    """One side's word on what it gave or took. It never changes; it stands on later revisions while they change nothing for that side."""

    side: Annotated[str, told("given where it is loaded, taken by the driver, received where it is set down.", values=SignedAs)]
    stop: Annotated[int, told("Position of the stop where it was signed.")]
    revision: Annotated[int, told("Of the manifest that was signed; an earlier one where it changed nothing for this side since.")]
    by: Annotated[str, told("The name of who signed.")]
    at: MomentText
    parcels: Annotated[int, told("How many were there: those listed, without the missing, with the extra.")]
    boxes: Annotated[int, told("Whole boxes, counted alike.")]
    missing: Annotated[list[str], told("Codes of listed parcels and named boxes that were not there.")]
    extra: Annotated[list[str], told("Codes of parcels and boxes that were there and are not listed.")]
    reason: Annotated[str, told("Why it differs, or what else was to be said.")]


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
    signatures: Annotated[list[ManifestSigned], told("Of this revision, in the order they were made.")]
    earlier_signatures: Annotated[list[ManifestSigned], told("Of revisions of the same stop that are void, but for those that stand on.")]


class Manifests(TypedDict):
    """The manifests of a departure that hold now, by stop; void ones are left out."""

    departure: Annotated[str, told("The departure's code.")]
    items: list[OneManifest]


class ManifestSide(TypedDict):
    """One side of a manifest at which the caller stands, to be signed or signed."""

    code: Annotated[str, told("The manifest's code, for its signatures.")]
    departure: Annotated[str, told("The departure's code.")]
    line: Annotated[str, told("The line's number.")]
    revision: int
    side: Annotated[str, told("What the caller would sign.", values=SignedAs)]
    stop: Annotated[int, told("Position of the stop where the caller stands.")]
    node: Annotated[str, told("That stop's code.")]
    at: Annotated[Moment, told("When the departure leaves that stop.")]
    due: Annotated[bool, told("Whether it can be signed now: what is set down, once the departure has left.")]
    boxes: Annotated[int, told("Whole boxes.")]
    named: Annotated[list[str], told("The codes of those that are named.")]
    groups: Annotated[list[ManifestGroup], told("The same by where it is set down and by tier; who gives names boxes for each.")]
    parcels: Annotated[list[str], told("The codes of the parcels.")]
    signature: Annotated[ManifestSigned | None, told("null while it is not signed.")]


class ManifestSides(TypedDict):
    """What the caller signs about now: of the runs of this page, unsigned first."""

    items: list[ManifestSide]
    next: Next


class ManifestNamed(TypedDict):
    """The manifest that holds now, with the boxes each of its groups rides in."""

    code: Annotated[str, told("The manifest's code; another one than was asked about when boxes changed.")]
    stop: Annotated[int, told("Position of the boarding stop.")]
    revision: int
    groups: list[ManifestGroup]
