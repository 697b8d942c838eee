"""A claim's photos are seen by the order's buyer and by staff who may see the claim; what nobody used is gone after a day."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db, files
from core.files import StoredFile, folder
from shop.claims.models import ClaimPhoto
from shop.claims.photos import address_of, keep_photos, sweep_photos
from shop.orders.access import order_token
from tests.shop.buying import order_of
from tests.shop.claims.claiming import claim, delivered, drawn, photo
from tests.shop.visitor import visitor


def shown(number: str) -> list[str]:
    with db.reading() as session:
        return [address_of(each) for each in session.exec(select(ClaimPhoto).where(ClaimPhoto.order_id == order_of(session, number).id))]


def test_only_the_buyer_and_staff_who_may_see_the_claim_see_its_photos(county_rows, signed_in):
    number = delivered(county_rows, ("tomato", 1))
    claim(number)
    address = shown(number)[0]
    token = {"X-Order-Token": order_token(number)}
    sent = visitor(program=True).get(address, headers=token)
    assert (sent.status_code, sent.headers["content-type"]) == (200, "image/jpeg")
    assert "private" in sent.headers["cache-control"]
    assert "sandbox" in sent.headers["content-security-policy"]
    for role, scope, status in (
        ("dispatcher", "", 200), ("finance", "", 200), ("admin", "", 200), ("master", county_rows.stations[0].code, 200),
        ("master", county_rows.stations[1].code, 404), ("seller", "", 404), ("consumer", "", 404),
    ):  # fmt: skip
        got = signed_in(role, "station" if scope else "county", scope).get(address)
        assert got.status_code == status, (role, scope)
    assert visitor(program=True).get(address).status_code == 404
    assert visitor(program=True).get("/claims/photos/PHX", headers=token).status_code == 404


def test_a_photo_lies_where_public_files_are_not_looked_for(county_rows):
    number = delivered(county_rows, ("tomato", 1))
    claim(number)
    with db.reading() as session:
        row = session.exec(select(StoredFile)).first()
    assert row.is_private
    assert row.path.is_file()
    for name in (f"{row.digest}.jpg", f"private%2F{row.tenant_id}%2F{row.digest}.jpg"):
        assert visitor(program=True).get(f"/files/{name}").status_code == 404
    with pytest.raises(AssertionError):
        _ = row.address


def test_photos_that_no_claim_shows_are_dropped_after_a_day_and_the_others_stay(county_rows):
    number, other = delivered(county_rows, ("tomato", 1)), delivered(county_rows, ("clam", 1))
    made = claim(number)
    with db.writing() as session:
        keep_photos(session, order_of(session, number), [drawn(200)])
        keep_photos(session, order_of(session, other), [drawn(0), drawn(210)])  # the first is also the claim's of another order
        paths = {row.id: row.path for row in session.exec(select(StoredFile))}
    sweep_photos()
    with db.reading() as session:
        assert len(session.exec(select(ClaimPhoto)).all()) == 6
    with clock.at(clock.now() + timedelta(hours=25)):
        sweep_photos()
        sweep_photos()
    with db.reading() as session:
        assert set(session.exec(select(ClaimPhoto.claim_id))) == {made.id}
        left = set(session.exec(select(StoredFile.id)))
    assert {path.is_file() for row, path in paths.items() if row in left} == {True}
    assert {path.is_file() for row, path in paths.items() if row not in left} == {False}
    assert len(left) == 3


def test_a_photo_kept_anew_while_it_is_swept_keeps_its_file(county_rows):
    number = delivered(county_rows, ("tomato", 1))
    with db.writing() as session:
        (kept,) = keep_photos(session, order_of(session, number), [drawn(0)])
        path = session.get_one(StoredFile, kept.file_id).path
    files.drop(path)
    assert path.is_file()
    files.drop(folder() / "private" / "1" / "nothere.jpg")


def test_a_form_carries_as_many_photos_as_a_rule_asks_for_and_no_more(county_rows):
    shop = visitor()
    number = delivered(county_rows, ("tomato", 1))
    for length, status in (("30100001", 413), ("62000000", 413)):
        headers = {"content-length": length, "content-type": "multipart/form-data"}
        assert shop.post(f"/orders/{number}/claims", content=b"x", headers=headers).status_code == status
    token = {"X-Order-Token": order_token(number), "content-type": "image/jpeg", "content-length": "10000101"}
    assert visitor(program=True).post(f"/api/v1/orders/{number}/photos", content=photo(), headers=token).status_code == 413
