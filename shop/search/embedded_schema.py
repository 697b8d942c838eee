"""The tantivy index: its fields, and a document written into them."""

import json
from pathlib import Path
from zlib import crc32

import tantivy

from .engine import Document
from .indexed import tokens, weight

# What answers are sorted by: the number and, behind it, something of the product's own. Among equals the place in the index would decide,
# and every change of a product gives it another one: pages would skip and repeat.
BY = {"price_fen": "by_price", "sales": "by_sales", "created_ts": "by_created"}
TIE_BITS = 20
_LARGEST = (1 << 63 - TIE_BITS) - 1

SPACED = "spaced"  # tokens come ready made, separated by spaces


def schema() -> tantivy.Schema:
    build = tantivy.SchemaBuilder()
    build.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for label in ("category", "station", "storage"):
        build.add_text_field(label, fast=True, tokenizer_name="raw", index_option="basic")
    for tokenised in ("words", "grams", "latin", "rest", "rest_latin"):
        build.add_text_field(tokenised, tokenizer_name=SPACED, index_option="freq")
    for number in ("tenant", "months"):
        build.add_integer_field(number, indexed=True)
    for number in ("price_fen", "sales", "created_ts", "version", *BY.values()):
        build.add_integer_field(number, fast=True)
    build.add_boolean_field("sellable", indexed=True, fast=True)
    build.add_float_field("weight", fast=True)
    build.add_bytes_field("shown", stored=True)
    return build.build()


def create_index(folder: Path) -> tantivy.Index:
    return _prepared(tantivy.Index(schema(), path=str(folder), reuse=False))


def open_index(folder: Path) -> tantivy.Index:
    """The index in `folder`; ValueError if there is none that can be read."""
    return _prepared(tantivy.Index.open(str(folder)))


def _prepared(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(SPACED, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.config_reader("manual")
    return index


def entry(document: Document) -> tantivy.Document:
    made = tokens(document)
    entry = tantivy.Document(
        id=document.id,
        category=document.category,
        station=document.station,
        storage=document.storage,
        words=" ".join(made.words),
        grams=" ".join(made.grams),
        latin=" ".join(made.latin),
        rest=" ".join(made.rest),
        rest_latin=" ".join(made.rest_latin),
        shown=json.dumps([document.name, " ".join(made.syllables)], ensure_ascii=False).encode(),
    )
    entry.add_integer("tenant", document.tenant)
    for month in document.months:
        entry.add_integer("months", month)
    entry.add_integer("price_fen", document.price_fen)
    entry.add_integer("sales", document.sales)
    entry.add_integer("created_ts", document.created_ts)
    entry.add_integer("version", document.version)
    for field, by in BY.items():
        entry.add_integer(by, min(getattr(document, field), _LARGEST) << TIE_BITS | crc32(document.id.encode()) >> 32 - TIE_BITS)
    entry.add_boolean("sellable", document.sellable)
    entry.add_float("weight", weight(document))
    return entry
