"""A grower sees what they brought, how much was sold and what it earned, each row opening to its cause; nobody else's."""

from sqlmodel import col, select

from core import db
from core.auth import service as people
from fulfillment.income.goods import goods_of, lots_of
from fulfillment.income.models import IncomeEntry
from supply.growers.models import Grower
from supply.products.models import Product
from tests.shop.earning import sell
from tests.shop.visitor import visitor
from tests.statements import statements_of


def browser(county, code, role="grower"):
    with db.writing() as session:
        user = people.add_user(session, f"1370000{len(code):04d}", "农户")
        people.grant(session, user, role, tenant_id=county.id, scope_kind="own", scope_code=code)
        _row, token = people.start_session(session, tenant_id=county.id, user=user, staff=True)
    client = visitor()
    client.cookies.set("sid", token)
    return client


def of(name):
    with db.reading() as session:
        product = session.exec(select(Product).where(col(Product.name).contains(name))).first()
        return session.get_one(Grower, product.grower_id).code


def test_what_was_brought_sold_and_earned_adds_up(county_rows):
    sell(county_rows, ("tomato", 2), packed=True)
    sell(county_rows, ("tomato", 1))
    code = of("西红柿")
    with db.reading() as session:
        tomato = next(each for each in goods_of(session, code, tenant_id=county_rows.id) if each.sold)
        rows = session.exec(select(IncomeEntry.amount_fen).where(IncomeEntry.party_code == code)).all()
        lots, following = lots_of(session, code, tenant_id=county_rows.id)
    assert (tomato.sold, tomato.earned_fen) == (3, sum(rows))
    assert (tomato.brought, tomato.left) == (50, 48), "two are packed, one is sold and still on the shelf"
    assert sum(each.lot.received for each in lots) >= 50 and following is None


def test_the_page_says_it_and_every_row_opens_to_its_cause(county_rows):
    number = sell(county_rows, ("tomato", 2), packed=True)
    client = browser(county_rows, of("西红柿"))
    page = client.get("/account/income").text
    assert "我送来的货" in page and "高山西红柿" in page
    with db.reading() as session:
        code = session.exec(select(IncomeEntry.code).where(IncomeEntry.party_kind == "grower")).one()
        foreign = session.exec(select(IncomeEntry.code).where(IncomeEntry.party_kind == "station")).first()
    assert f'href="/account/income/{code}"' in page
    opened = client.get(f"/account/income/{code}").text
    assert number in opened and "怎么算的" in opened and "赵立春" not in opened
    assert client.get(f"/account/income/{foreign}").status_code == 404
    assert "高山西红柿" in client.get("/account/lots").text


def test_lots_are_turned_page_by_page(county_rows):
    code, seen, cursor = of("西红柿"), [], None
    with db.reading() as session:
        everything, _none = lots_of(session, code, tenant_id=county_rows.id)
        while True:
            page, cursor = lots_of(session, code, tenant_id=county_rows.id, cursor=cursor, limit=1)
            seen += [each.lot.code for each in page]
            if cursor is None:
                break
    assert seen == [each.lot.code for each in everything]


def test_what_became_of_the_goods_costs_the_same_however_much_was_sold(county_rows):
    code = of("西红柿")

    def reading():
        with db.reading() as session:
            goods_of(session, code, tenant_id=county_rows.id)
            lots_of(session, code, tenant_id=county_rows.id)

    sell(county_rows, ("tomato", 1))
    before = statements_of(reading)
    for _again in range(3):
        sell(county_rows, ("tomato", 1))
    assert statements_of(reading) == before
