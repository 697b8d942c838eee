"""The books are whole: every account is counted, opens to its entries, and is called by its name."""

import itertools
import re

import pytest
from sqlmodel import col, func, select

from core import db
from core.ledger.models import Account, Balance, Journal, Posting
from core.settings import settings
from shop.boards import ledger
from tests.shop.earning import sell, session_of
from tests.shop.visitor import visitor
from tests.statements import statements_of


@pytest.fixture(autouse=True)
def demo(monkeypatch):
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def treasurer(county_rows):
    client = visitor()
    client.cookies.set("sid", session_of(county_rows, "13811110004", "finance"))
    return client


def pages(turn):
    """Everything that a list shows, page after page."""
    seen, cursor = [], None
    while True:
        rows, cursor = turn(cursor)
        seen += rows
        if cursor is None:
            return seen


def test_the_trial_balance_is_the_whole_ledger(county_rows):
    for name in ("tomato", "clam", "bamboo", "tea"):
        sell(county_rows, (name, 1), packed=name == "tea")
    with db.reading() as session:
        groups = ledger.trial_balance(session, tenant_id=county_rows.id)
        assert sum(g.accounts for g in groups) == session.exec(select(func.count(col(Account.id)))).one()
        held = session.exec(select(Account.side, func.sum(Balance.amount_fen)).join(Balance).group_by(Account.side)).all()
        assert dict(zip(("debit", "credit"), ledger.sides(groups), strict=True)) == {side: int(fen) for side, fen in held}
        for group in groups:
            lines = pages(
                lambda cursor, kind=group.kind: ledger.accounts(session, tenant_id=county_rows.id, kind=kind, cursor=cursor, limit=1)
            )
            assert (len(lines), sum(line.amount_fen for line in lines)) == (group.accounts, group.amount_fen), group.kind
            assert [line.amount_fen for line in lines] == sorted((line.amount_fen for line in lines), reverse=True)


def test_an_accounts_entries_lead_from_what_it_holds_back_to_nothing(county_rows):
    for _again in range(3):
        sell(county_rows, ("tomato", 1), packed=True)
    with db.reading() as session:
        for code in session.exec(select(Account.code)).all():
            account, key = ledger.account_named(session, code, tenant_id=county_rows.id)
            seen = pages(lambda cursor, a=account, k=key: ledger.movements(session, a, k, cursor=cursor, limit=2))
            assert len(seen) == session.exec(select(func.count(col(Posting.id))).where(Posting.account_id == key)).one()
            assert [m.journal.id for m in seen] == sorted((m.journal.id for m in seen), reverse=True)
            assert seen[0].after_fen == account.amount_fen
            for newer, older in itertools.pairwise(seen):
                assert newer.after_fen - newer.change_fen == older.after_fen
            assert seen[-1].after_fen == seen[-1].change_fen, "the first entry began at nothing"


def test_every_entry_is_reached_page_by_page(county_rows):
    sell(county_rows, ("tomato", 1), packed=True)
    sell(county_rows, ("tea", 1))
    with db.reading() as session:
        seen = pages(lambda cursor: ledger.journals(session, tenant_id=county_rows.id, cursor=cursor, limit=2))
        assert [j.id for j, _fen in seen] == list(session.exec(select(Journal.id).order_by(col(Journal.id).desc())))


def test_from_the_books_everything_opens_and_nothing_is_called_by_its_key(treasurer, county_rows):
    sell(county_rows, ("tomato", 1), packed=True)
    page = treasurer.get("/finance").text
    assert "借贷相等" in page
    names = {county_rows.stations[0].name, "演示收银台"}
    seen, ahead = {"/finance"}, ["/finance"]
    while ahead:
        path = ahead.pop()
        answer = treasurer.get(path)
        assert answer.status_code == 200, path
        words = re.sub(r"<[^>]*>", " ", answer.text)
        assert not re.search(r"\b(gateway|station|grower|seller|capture|share|packing|transport|platform|buyer)\b", words), path
        names = {name for name in names if name not in words}
        onward = {link.replace("&amp;", "&") for link in re.findall(r'href="(/finance[^"#]*)', answer.text)} - seen
        seen |= onward
        ahead += sorted(onward)
    assert names == set()
    assert f"/finance/accounts/station:{county_rows.stations[0].code}" in seen
    assert treasurer.get("/finance/accounts/station:nobody").status_code == 404
    assert treasurer.get("/en/finance").status_code == 200


def test_the_books_cost_the_same_however_much_is_in_them(county_rows):
    def reading():
        with db.reading() as session:
            for read in (ledger.trial_balance, ledger.journals, ledger.accounts):
                read(session, tenant_id=county_rows.id)
            account, key = ledger.account_named(session, f"station:{county_rows.stations[0].code}", tenant_id=county_rows.id)
            ledger.movements(session, account, key)

    sell(county_rows, ("tomato", 1), packed=True)
    before = statements_of(reading)
    for _again in range(3):
        sell(county_rows, ("tomato", 2), packed=True)
    assert statements_of(reading) == before
