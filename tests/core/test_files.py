"""Files are kept under their content's hash and can do no harm in a browser."""

import pytest
from fastapi.testclient import TestClient

from core import db, files
from core.errors import Refused
from shop.app import create_app


def test_the_same_bytes_are_one_file_and_come_back_harmless(database):
    with db.writing() as session:
        first = files.keep(session, b"<svg/>", tenant_id=1, kind="image/svg+xml", name="../../x.svg")
        again = files.keep(session, b"<svg/>", tenant_id=1, kind="image/svg+xml")
        assert first.id == again.id
    with TestClient(create_app()) as client:
        answer = client.get(first.address)
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"<svg/>", "image/svg+xml")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert client.get(first.address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "a" * 40 + ".html", "A" * 40 + ".svg", "a" * 40 + ".svg", "x.svg"])
def test_only_kept_files_are_served(database, name):
    with TestClient(create_app()) as client:
        assert client.get(f"/files/{name}").status_code == 404


def test_a_kind_that_browsers_run_is_not_kept(database):
    with pytest.raises(Refused), db.writing() as session:
        files.keep(session, b"<script>", tenant_id=1, kind="text/html")
