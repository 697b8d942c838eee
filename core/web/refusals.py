"""How the interface says no: one shape for every refusal, and for each route the stable codes it may answer with.

    @router.post("/orders", responses=refusals(SoldOut, NoRoad, TooMany))

What any route may answer (a wrong field, a body that is too large, a busy database) is added for all of them by
shop.web.description; a route names only what is its own.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple, NotRequired

from typing_extensions import TypedDict

from core.errors import JishiError

from .shapes import Fen, told

KIND = "application/problem+json"
SCHEMA = "Problem"


class FieldFault(TypedDict):
    """What is wrong with one field."""

    field: Annotated[str, told("The field's path in the body, or the parameter's name.")]
    code: Annotated[str, told("The kind of fault, for programs.")]
    words: Annotated[str, told("What is wrong, to be shown beside the field.")]


class Problem(TypedDict):
    """A refusal, RFC 9457. `code` is stable and what a program looks at; `detail` is for a person, in Chinese, or in English under /en."""

    type: Annotated[str, told("`urn:jishi:` and the code.")]
    title: Annotated[str, told("The code again.")]
    status: Annotated[int, told("The HTTP status again.")]
    code: Annotated[str, told("Stable: it may be relied on.")]
    detail: Annotated[str, told("Plain words for a person.")]
    field: NotRequired[Annotated[str, told("The first field or parameter that is wrong.")]]
    errors: NotRequired[Annotated[list[FieldFault], told("Every field that is wrong.")]]
    retry_after_s: NotRequired[Annotated[int, told("Seconds until trying again may help, as in `Retry-After`.")]]
    sku: NotRequired[Annotated[str, told("`sold_out`, `not_for_sale`, `invalid`: the variant it is about.")]]
    left: NotRequired[Annotated[int, told("`sold_out`: how many units are left.")]]
    left_fen: NotRequired[Annotated[Fen, told("`refund_too_much`: what is left of the line, in fen.")]]
    station: NotRequired[Annotated[str, told("`no_road`: the station whose goods cannot get there.")]]
    total_fen: NotRequired[Annotated[Fen, told("`total_changed`: today's total, in fen.")]]
    difference_fen: NotRequired[Annotated[Fen, told("`total_changed`: today's total less the expected one, in fen.")]]
    payment_status: NotRequired[Annotated[str, told("`not_payable`: how the order's payment stands.")]]
    parcels: NotRequired[Annotated[list[str], told("`already_packed`: the parcels that are packed.")]]
    subject: NotRequired[Annotated[str, told("`status_moved`: what was to be moved.")]]
    wanted: NotRequired[Annotated[str, told("`status_moved`: the state it was to move to.")]]


class Refusal(NamedTuple):
    """One code that a route may answer with."""

    status: int
    code: str
    words: str


def refusal(kind: type[JishiError]) -> Refusal:
    """What a kind of error is answered with, in the words of its docstring."""
    said = (kind.__dict__.get("__doc__") or "").strip().partition("\n")[0]
    return Refusal(kind.status, kind.code, said)


def refusals(*kinds: type[JishiError]) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses=`."""
    return responses(map(refusal, kinds))


def responses(told: Iterable[Refusal]) -> dict[int | str, dict[str, Any]]:
    """The refusals by status, as OpenAPI says them."""
    by_status: dict[int, dict[str, str]] = defaultdict(dict)
    for each in told:
        by_status[each.status].setdefault(each.code, each.words)
    return {status: _response(status, codes) for status, codes in sorted(by_status.items())}


def codes_of(response: dict[str, Any]) -> dict[str, str]:
    """The codes of a response made here, with their words."""
    found: dict[str, str] = response.get("x-codes", {})
    return found


def _response(status: int, codes: dict[str, str]) -> dict[str, Any]:
    lines = [f"`{code}`: {words}" if words else f"`{code}`" for code, words in codes.items()]
    own = {"properties": {"code": {"enum": sorted(codes)}}}
    schema = {"allOf": [{"$ref": f"#/components/schemas/{SCHEMA}"}, own]}
    first = next(iter(codes))
    example = {"type": f"urn:jishi:{first}", "title": first, "status": status, "code": first, "detail": "…"}
    return {"description": "\n\n".join(lines), "content": {KIND: {"schema": schema, "example": example}}, "x-codes": codes}
