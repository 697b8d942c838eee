"""Sessions, codes, locks and second factors."""

from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlmodel import select

from core import clock, db, pii
from core.auth import passwords, second_factor, service
from core.auth.models import OneTimeCode, SecondFactor, SignIn, SignInFailure
from core.errors import TooMany
from core.outbox import Outbox
from core.settings import settings
from core.tenant import Tenant

PHONE = "13911112222"


@pytest.fixture(autouse=True)
def somebody_sends(monkeypatch):
    monkeypatch.setattr(settings, "sms_url", "http://sms.test/")


@pytest.fixture
def tenant(session):
    row = Tenant(code="x", name="x", created_at=clock.now())
    session.add(row)
    session.flush()
    return row.id


def _digits(session):
    sent = session.exec(select(Outbox).where(Outbox.topic == "message.send").order_by(Outbox.id.desc())).first()
    return pii.unseal(sent.payload["digits"], sent.payload["context"])


def test_a_code_works_once_for_its_own_phone(session, tenant):
    receipt = service.send_code(session, PHONE, tenant_id=tenant)
    digits = _digits(session)
    assert not service.use_code(session, "13911113333", digits, receipt=receipt)
    assert service.use_code(session, PHONE, digits, receipt=receipt)
    assert not service.use_code(session, PHONE, digits, receipt=receipt)


def test_five_wrong_tries_void_a_code(session, tenant):
    receipt = service.send_code(session, PHONE, tenant_id=tenant)
    digits = _digits(session)
    wrong = "000000" if digits != "000000" else "111111"
    for _ in range(5):
        assert not service.use_code(session, PHONE, wrong, receipt=receipt)
    assert not service.use_code(session, PHONE, digits, receipt=receipt)


def test_a_code_is_void_after_five_minutes(session, tenant):
    receipt = service.send_code(session, PHONE, tenant_id=tenant)
    digits = _digits(session)
    with clock.at(clock.now() + timedelta(minutes=5, seconds=1)):
        assert not service.use_code(session, PHONE, digits, receipt=receipt)


def test_codes_are_sent_once_a_minute(session, tenant):
    service.send_code(session, PHONE, tenant_id=tenant)
    with pytest.raises(TooMany):
        service.send_code(session, PHONE, tenant_id=tenant)
    with clock.at(clock.now() + timedelta(minutes=2)):
        service.send_code(session, PHONE, tenant_id=tenant)
    assert len(session.exec(select(OneTimeCode)).all()) == 2


def test_digits_and_phones_are_never_stored_plainly(session, tenant):
    receipt = service.send_code(session, PHONE, tenant_id=tenant)
    digits = _digits(session)
    stored = str(session.exec(select(Outbox)).one().payload) + session.exec(select(OneTimeCode)).one().model_dump_json()
    assert digits not in stored and receipt not in stored
    assert PHONE not in stored


def test_five_failures_close_the_door_for_a_quarter_of_an_hour(session):
    for _ in range(5):
        service.take_try(session, PHONE)
    with pytest.raises(service.DoorClosed):
        service.take_try(session, PHONE)
    with clock.at(clock.now() + timedelta(minutes=16)):
        service.take_try(session, PHONE)
    service.forget_failures(session, PHONE)
    assert not session.exec(select(SignInFailure)).all()


def test_a_totp_code_is_accepted_once(session):
    user = service.add_user(session, PHONE, "王站长")
    second_factor.begin(session, user)
    session.flush()
    kept = session.get(SecondFactor, user.id)
    secret = second_factor._secret(kept, user)
    digits = TOTP(secret, 6, SHA1(), 30, enforce_key_length=False).generate(int(clock.now().timestamp())).decode()
    second_factor.verify(session, user, digits)
    assert second_factor.is_on(session, user)
    with pytest.raises(second_factor.WrongSecondFactor):
        second_factor.verify(session, user, digits)


def test_a_password_is_checked_against_its_hash_only():
    hashed = passwords.choose_password("correct horse battery")
    assert passwords.matches("correct horse battery", hashed)
    assert not passwords.matches("wrong horse battery", hashed)
    assert not passwords.matches("anything", None)


def test_a_moved_secret_does_not_open():
    sealed = pii.seal(PHONE, "app_user.phone:U1")
    assert pii.unseal(sealed, "app_user.phone:U1") == PHONE
    with pytest.raises(InvalidTag):
        pii.unseal(sealed, "app_user.phone:U2")


def test_a_token_is_only_stored_as_its_hash(database):
    with db.writing() as session:
        tenant = Tenant(code="x", name="x", created_at=clock.now())
        session.add(tenant)
        session.flush()
        started, token = service.start_session(session, tenant_id=tenant.id)
    with db.reading() as session:
        row = session.get_one(SignIn, started.id)
    assert token not in row.model_dump_json()
    assert row.token_hash == service.hash_token(token)
