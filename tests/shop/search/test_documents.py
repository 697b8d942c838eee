"""How search reads the database: the whole catalogue in chunks, a page of answers by one statement."""

import pytest
from sqlalchemy import event
from sqlmodel import select

from core import db
from shop.catalogue.queries import cards
from shop.search import documents
from supply.products.models import Product
from tests.county import SmallCounty


@pytest.mark.parametrize("chunk", [1, 2, 1_000])
def test_every_product_has_its_document_wherever_a_chunk_ends(
    county_rows: SmallCounty, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(documents, "CHUNK", chunk)
    with db.reading() as session:
        codes = session.exec(select(Product.code)).all()
        told = sorted(documents.all_documents(session), key=lambda document: document.id)
        assert told == sorted(documents.documents_of(session, codes), key=lambda document: document.id)
        assert {document.id for document in told} == {product.code for product in county_rows.products}


def test_a_page_of_answers_is_asked_for_in_the_same_words_however_many_they_are(county_rows: SmallCounty) -> None:
    """Else PostgreSQL plans, and SQLAlchemy renders, each length of the list anew."""
    asked: list[str] = []
    event.listen(db.engine(writes=False), "before_cursor_execute", lambda *a: asked.append(a[2]) if "listing_price" in a[2] else None)
    codes = [product.code for product in county_rows.products]
    with db.reading() as session:
        for many in (1, 2, len(codes)):
            assert [card.code for card in cards(session, codes[:many], tenant_id=county_rows.id)] == codes[:many]
    assert len(asked) == 3
    assert len(set(asked)) == 1
    assert "'market'" in asked[0]  # as a parameter it would spoil the plan that PostgreSQL keeps
