"""A browser of the small county: the real app, its cookie kept, forms sent as a browser sends them."""

import re

from fastapi.testclient import TestClient

from shop.app import create_app
from tests.documented import watched

BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


def visitor(*, program: bool = False) -> TestClient:
    """A fresh visitor; a `program` sends JSON and no cookies' companions."""
    return watched(TestClient(create_app(), headers={} if program else BROWSER, follow_redirects=False))


def hidden(page: str, name: str) -> str:
    """The value of a hidden field on a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]
