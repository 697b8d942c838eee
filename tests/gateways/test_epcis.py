"""A lot's EPCIS document against GS1's official schema, where the folder named by JISHI_CONTRACT_SPECS holds it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from core import clock
from tests.documented import formats
from tests.fulfillment.conftest import NINE
from tests.fulfillment.lots import walked_lot
from tests.fulfillment.web import county_with_roads, guest


def official() -> dict[str, Any]:
    """GS1's schema; an empty one allows everything."""
    path = Path(os.environ.get("JISHI_CONTRACT_SPECS", "")) / "epcis-json-schema.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@pytest.mark.usefixtures("database")
def test_a_lots_document_is_epcis_2_0() -> None:
    with clock.at(NINE):
        lot, _parcels = walked_lot(county_with_roads())
        told = guest().get(f"/api/v1/lots/{lot}", headers={"accept": "application/ld+json"}).json()
    assert len(told["epcisBody"]["eventList"]) == 9
    faults = [
        f"{error.json_path}: {error.message[:300]}" for error in Draft7Validator(official(), format_checker=formats).iter_errors(told)
    ]
    assert faults == []
