"""Posts are given and taken by those who may, never by oneself, and every act is written down."""

from sqlmodel import select

from core import audit, clock, db, tasks
from core.auth.models import Grant, User
from core.auth.service import add_user, grant
from core.pii import blind_index
from core.tenant import Tenant
from supply.stations.models import Station
from tests.core.auth.conftest import code_sent, sign_in
from tests.shop.people.conftest import ADMIN, MASTER

NEW = "13911112222"


def _user(phone: str) -> User:
    with db.reading() as session:
        return session.exec(select(User).where(User.phone_index == blind_index(phone))).one()


def _posts(phone: str) -> set[tuple[str, str, str]]:
    with db.reading() as session:
        rows = session.exec(select(Grant).where(Grant.user_id == _user(phone).id, Grant.revoked_at.is_(None)))
        return {(g.role, g.scope_kind, g.scope_code) for g in rows}


def _acts() -> list[tuple[str, str, str]]:
    with db.reading() as session:
        rows = session.exec(select(audit.AuditEntry).where(audit.AuditEntry.act != "sign_in").order_by(audit.AuditEntry.id))
        return [(e.act, e.subject, e.actor) for e in rows]


def _invite(client, role: str, place: str = "", phone: str = NEW, name: str = "葛小妹"):
    return client.post("/county/people", data={"phone": phone, "name": name, "role": role, "place": place})


def test_somebody_invited_signs_in_by_code_and_finds_their_desk(desk, visit, county, capsys):
    admin = desk("admin")
    station = county.stations[0]
    form = admin.get("/county/people/new?role=master")
    assert station.name in form.text
    made = _invite(admin, "master", station.code)
    assert made.status_code == 303
    tasks.drain()
    assert "139****2222" in (said := capsys.readouterr().out) and "站长" in said
    shown = admin.get(made.headers["location"]).text
    assert "葛小妹" in shown and "139****2222" in shown and NEW not in shown
    newcomer = visit()
    newcomer.post("/login/code", data={"phone": NEW})
    entered = newcomer.post("/login", data={"phone": NEW, "otp": code_sent(capsys)})
    assert entered.headers["location"] == "/station"
    assert station.name in newcomer.get("/station").text
    with db.reading() as session:
        assert session.get_one(Station, station.node_id).master_id == _user(NEW).id
    assert _acts() == [("role.grant", _user(NEW).code, f"user:{_user(ADMIN).code}")]


def test_an_invitation_is_in_chinese_whatever_the_admin_reads(desk, county, capsys):
    form = {"phone": NEW, "name": "葛小妹", "role": "master", "place": county.stations[0].code}
    assert desk("admin").post("/en/county/people", data=form).status_code == 303
    tasks.drain()
    assert "请你当站长" in capsys.readouterr().out


def test_giving_a_post_twice_is_giving_it_once(desk, county):
    admin = desk("admin")
    for _ in range(2):
        assert _invite(admin, "helper", county.stations[0].code).status_code == 303
    assert _posts(NEW) == {("helper", "station", county.stations[0].code)}
    assert len(_acts()) == 1


def test_a_post_taken_back_ends_the_session_at_once(desk, visit, person, county):
    admin, code = desk("admin"), county.stations[0].code
    user = person(NEW, ("master", "station", code))
    holder = visit()
    sign_in(holder, NEW)
    assert holder.get("/station").status_code == 200
    taken = admin.post(f"/county/people/{user.code}/posts/removal", data={"role": "master", "place": code})
    assert taken.status_code == 303
    assert holder.get("/station").headers["location"].startswith("/login")
    again = admin.post(f"/county/people/{user.code}/posts/removal", data={"role": "master", "place": code})
    assert again.status_code == 404


def test_nobody_raises_or_lowers_themselves(desk, county):
    admin = desk("admin")
    me = _user(ADMIN).code
    for path, data in (
        ("posts", {"role": "dispatcher"}), ("posts/removal", {"role": "admin"}), ("closing", {"reason": "x"}), ("sign-in/removal", {}),
    ):  # fmt: skip
        assert admin.post(f"/county/people/{me}/{path}", data=data).status_code == 403, path
    assert _invite(admin, "dispatcher", phone=ADMIN).status_code == 403
    assert _posts(ADMIN) == {("admin", "county", "")}
    assert _acts() == []


def test_the_books_and_the_rules_are_in_different_hands(desk, person):
    admin = desk("admin")
    treasurer, ruler = person(NEW, ("finance", "county", "")), person("13911113333", ("admin", "county", ""))
    for user, role in ((treasurer, "admin"), (ruler, "finance")):
        refused = admin.post(f"/county/people/{user.code}/posts", data={"role": role})
        assert refused.status_code == 409
        assert "又当县管理员又当财务" in refused.text
    assert _posts(NEW) == {("finance", "county", "")}


def test_closing_takes_everything_back_and_an_invitation_opens_again(desk, visit, person, county):
    admin, code = desk("admin"), county.stations[0].code
    user = person(NEW, ("master", "station", code), ("helper", "station", county.stations[1].code))
    holder = visit()
    sign_in(holder, NEW)
    assert admin.post(f"/county/people/{user.code}/closing", data={"reason": " "}).status_code == 422
    assert admin.post(f"/county/people/{user.code}/closing", data={"reason": "不再合作"}).status_code == 303
    assert _posts(NEW) == set()
    assert holder.get("/account").status_code == 303
    assert sign_in(visit(), NEW).status_code == 422
    shown = admin.get(f"/county/people/{user.code}").text
    assert "已停用" in shown and "不再合作" in shown
    assert _invite(admin, "helper", code).status_code == 303
    assert sign_in(visit(), NEW).status_code == 303


def test_a_lost_phone_is_reset_by_an_administrator(desk, visit, person, capsys):
    admin, user = desk("admin"), person(NEW, ("dispatcher", "county", ""))
    assert admin.post(f"/county/people/{user.code}/sign-in/removal").status_code == 303
    assert sign_in(visit(), NEW).status_code == 422
    by_code = visit()
    by_code.post("/login/code", data={"phone": NEW})
    assert by_code.post("/login", data={"phone": NEW, "otp": code_sent(capsys)}).status_code == 303


def test_a_person_of_another_county_is_not_there(desk):
    admin = desk("admin")
    with db.writing() as session:
        other = Tenant(code="other", name="邻县", host="other.test", created_at=clock.now())
        session.add(other)
        stranger = add_user(session, NEW, "邻县人")
        session.flush()
        grant(session, stranger, "admin", tenant_id=other.id or 0)
        session.get_one(Tenant, 1).host = "127.0.0.1"
    for method, path in (("GET", ""), ("POST", "/posts"), ("POST", "/posts/removal"), ("POST", "/closing"), ("POST", "/sign-in/removal")):
        foreign = admin.request(method, f"/county/people/{stranger.code}{path}", data={"reason": "x"} if path == "/closing" else None)
        absent = admin.request(method, f"/county/people/UNOBODY{path}", data={"reason": "x"} if path == "/closing" else None)
        assert (foreign.status_code, absent.status_code) == (404, 404), path
        assert foreign.text.replace(stranger.code, "UNOBODY") == absent.text
    assert "邻县人" not in admin.get("/county/people").text
    assert _invite(admin, "dispatcher").status_code == 303
    assert admin.post(f"/county/people/{stranger.code}/sign-in/removal").status_code == 409
    assert admin.post(f"/county/people/{stranger.code}/closing", data={"reason": "x"}).status_code == 303
    assert _user(NEW).disabled_at is None, "the other county's administrator goes on working there"
    assert ("admin", "county", "") in _posts(NEW)


WRONG = [
    ({"phone": "1380013800"}, "phone"), ({"phone": "12345678901"}, "phone"), ({"phone": ""}, "phone"), ({"phone": "x" * 200}, "phone"),
    ({"name": ""}, "name"), ({"name": "\u202e "}, "name"), ({"name": "长" * 61}, "name"), ({"role": "king"}, "role"),
    ({"role": "consumer"}, "role"), ({"role": ""}, "role"), ({"place": ""}, "place"), ({"place": "nh-nowhere"}, "place"),
    ({"place": "' OR 1=1"}, "place"), ({"role": "grower", "place": "sm-gejia"}, "place"), ({"role": "driver", "place": "sm-gejia"}, "place"),
]  # fmt: skip


def test_strange_input_is_refused_at_its_field_and_leaves_no_trace(desk, county):
    admin = desk("admin")
    right = {"phone": NEW, "name": "葛小妹", "role": "master", "place": county.stations[0].code}
    for wrong, field in WRONG:
        answer = admin.post("/county/people", data={**right, **wrong})
        assert answer.status_code == 422, wrong
        assert f'href="#f-{field}"' in answer.text, wrong
    assert admin.post("/county/people", data={**right, "is_admin": "true"}).status_code == 422
    assert admin.post("/county/people", data={**right, "phone": "x" * 300}).status_code == 422
    with db.reading() as session:
        assert len(session.exec(select(User)).all()) == 2
    assert _acts() == []


NAMES = ("王", "𠮷田", "阿不都·热依木", "👨‍👩‍👧‍👦", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')


def test_a_name_in_any_script_is_kept_and_shown_as_text(desk):
    admin = desk("admin")
    for n, name in enumerate(NAMES):
        phone = f"1391111000{n}"
        made = _invite(admin, "dispatcher", phone=phone, name=name)
        assert made.status_code == 303
        assert _user(phone).name == name
        for path in (made.headers["location"], "/county/people"):
            assert "<script>alert" not in admin.get(path).text and "<img src=x" not in admin.get(path).text


def test_the_list_pages_filters_and_masks(desk, person, county):
    admin = desk("admin")
    with db.writing() as session:
        for n in range(60):
            helper = add_user(session, f"1370000{n:04d}", f"站员{n}")
            grant(session, helper, "helper", tenant_id=county.id, scope_kind="station", scope_code=county.stations[0].code)
    first = admin.get("/county/people?role=helper")
    assert "1370000" not in first.text and "137****0000" in first.text
    assert "应管理" not in first.text
    onward = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "站员59" in admin.get(onward).text
    assert "站员59" not in first.text
    assert "还没有人" in admin.get("/county/people?role=co-op").text
    assert admin.get("/county/people?cursor=zzz").status_code == 422


def test_a_master_asks_helpers_for_their_own_station_only(desk, visit, person, county):
    master, own, other = desk("master"), county.township_station.code, county.stations[0].code
    asked = master.post("/station/people", data={"phone": NEW, "name": "葛小帮", "station": own})
    assert asked.status_code == 303
    assert "葛小帮" in master.get("/station/people").text
    assert _posts(NEW) == {("helper", "station", own)}
    assert master.post("/station/people", data={"phone": NEW, "name": "葛小帮", "station": other}).status_code == 404
    assert master.post("/station/people", data={"phone": "1", "name": "葛小帮", "station": own}).status_code == 422
    assert master.get("/county/people").status_code == 403
    foreign = person("13911113333", ("helper", "station", other))
    for station in (own, other):
        answer = master.post(f"/station/people/{foreign.code}/removal", data={"station": station})
        assert answer.status_code == 404, station
    assert _posts("13911113333") == {("helper", "station", other)}
    helper = visit()
    gone = master.post(f"/station/people/{_user(NEW).code}/removal", data={"station": own})
    assert gone.status_code == 303
    assert _posts(NEW) == set()
    assert helper.get("/station/people").headers["location"].startswith("/login")
    assert [a for a, *_ in _acts()] == ["role.grant", "role.revoke"]


def test_a_helper_asks_nobody(visit, demo, person, county):
    person(NEW, ("helper", "station", county.stations[0].code))
    client = visit()
    sign_in(client, NEW)
    assert client.get("/station/people").status_code == 403
    assert client.post("/station/people", data={"phone": MASTER, "name": "x", "station": county.stations[0].code}).status_code == 403
    assert "/station/people" not in client.get("/station").text


DESKLESS = (
    ("partner", "partner", "自家的班次", "/travel"), ("merchant", "own", "自家的货", "/account/income"),
    ("grower", "own", "货交给驿站代卖", "/account/income"),
)  # fmt: skip


def test_those_without_a_desk_are_told_what_they_can_do(visit, demo, person, county):
    for n, (role, kind, words, leads) in enumerate(DESKLESS):
        phone = f"1391111000{n}"
        person(phone, (role, kind, county.growers[1].code if kind == "own" else "小县公交"))
        client = visit()
        sign_in(client, phone)
        shown = client.get("/account").text
        assert words in shown
        assert f'href="{leads}"' in shown
        assert client.get(leads).status_code == 200, leads
