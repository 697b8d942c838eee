"""No link of anybody's navigation leads where they may not go, and every desk leads on to its own pages."""

import re
from html import unescape

from fastapi.testclient import TestClient

from core.auth.pages import homes
from core.settings import settings
from core.web.nav import desks
from shop.app import create_app
from tests.permissions.world import ROLES, open_county


def _links(page: str) -> set[str]:
    """What the bar, its tabs and the choice of places lead to."""
    navs = re.findall(r'<nav class="(?:work-bar__nav|tabs|views)".*?</nav>|<a class="work-bar__place"[^>]*>', page, re.S)
    return {unescape(link) for nav in navs for link in re.findall(r'href="(/[^"]*)"', nav)}


def test_every_link_of_every_roles_navigation_answers(database, monkeypatch):
    monkeypatch.setattr(settings, "demo", True)
    here = open_county("a", "sm", 1)
    station, walked, wrong = here.rows.stations[1].code, {}, []
    with TestClient(create_app(), base_url=f"http://{here.host}", follow_redirects=False) as client:
        for role in ROLES[1:]:
            headers = {"accept": "text/html", "cookie": f"sid={here.tokens[role]}"}
            begun = [*(f"/{desk}" for desk in desks()), *homes.values(), f"/station/listings?station={station}"]
            ahead = [path for path in begun if client.get(path, headers=headers).status_code == 200]
            assert homes.get(role, "/account") in ahead or role not in homes, f"{role} has a home of their own"
            seen = set(ahead)
            while ahead:
                path = ahead.pop()
                answer = client.get(path, headers=headers)
                if answer.status_code != 200:
                    wrong.append(f"{role}: {path} answers {answer.status_code}")
                elif "work-bar" in answer.text:
                    onward = _links(answer.text) - seen
                    seen |= onward
                    ahead += sorted(onward)
            walked[role] = seen
    assert not wrong, "\n".join(wrong)
    assert {"/county/stations", "/ops", "/finance", "/county/people"} <= walked["admin"]
    assert {"/hub", "/partner"} <= walked["dispatcher"]
