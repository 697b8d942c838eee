"""What our EPCIS documents hold, as /openapi.json says it. GS1's own schema is larger; a test holds the documents to that too."""

from typing import Any

_ID: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uri"}}}
_UNITS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object", "required": ["epcClass", "quantity"],
        "properties": {"epcClass": {"type": "string", "format": "uri", "description": "urn:jishi:lot:…"}, "quantity": {"type": "integer"}},
    },
}  # fmt: skip
_EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["type", "eventID", "eventTime", "eventTimeZoneOffset", "action", "bizStep", "disposition"],
    "properties": {
        "type": {"enum": ["ObjectEvent", "AggregationEvent"]},
        "eventID": {"type": "string", "format": "uri", "description": "The same for the same fact in every document."},
        "eventTime": {"type": "string", "format": "date-time"},
        "eventTimeZoneOffset": {"type": "string", "examples": ["+08:00"]},
        "action": {"enum": ["ADD", "OBSERVE", "DELETE"]},
        "bizStep": {"enum": ["commissioning", "receiving", "packing", "loading", "shipping", "accepting", "destroying"]},
        "disposition": {"type": "string", "description": "Of the Core Business Vocabulary."},
        "readPoint": {**_ID, "description": "Where it happened: urn:jishi:node:…"},
        "bizLocation": {**_ID, "description": "Where it is from then on."},
        "quantityList": _UNITS,
        "epcList": {"type": "array", "items": {"type": "string", "format": "uri", "description": "urn:jishi:parcel:…"}},
        "parentID": {"type": "string", "format": "uri", "description": "The parcel it was packed into."},
        "childQuantityList": _UNITS,
        "ilmd": {"type": "object", "description": "Lot number, day of harvest, best before, weight in grams."},
        "bizTransactionList": {
            "type": "array",
            "items": {"type": "object", "properties": {"type": {"const": "bol"}, "bizTransaction": {"type": "string", "format": "uri"}}},
            "description": "The departure or trunk it rides on.",
        },
    },
}
_EPCIS: dict[str, Any] = {
    "type": "object",
    "description": "An EPCISDocument of GS1's EPCIS 2.0.",
    "externalDocs": {"url": "https://ref.gs1.org/standards/epcis/"},
    "required": ["@context", "type", "schemaVersion", "creationDate", "epcisHeader", "epcisBody"],
    "properties": {
        "@context": {"type": "array"},
        "type": {"const": "EPCISDocument"},
        "schemaVersion": {"const": "2.0"},
        "creationDate": {"type": "string", "format": "date-time"},
        "epcisHeader": {"type": "object", "description": "What the document's identifiers are called."},
        "epcisBody": {"type": "object", "required": ["eventList"], "properties": {"eventList": {"type": "array", "items": _EVENT}}},
    },
}
AS_EPCIS: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {"Vary": {"description": "Accept", "schema": {"const": "Accept"}}},
        "content": {"application/ld+json": {"schema": _EPCIS}},
    }
}
