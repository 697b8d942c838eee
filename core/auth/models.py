"""Who a person is and where they may act. A user belongs to no tenant; a grant does."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint


class User(SQLModel, table=True):
    __tablename__ = "app_user"  # `user` is reserved in PostgreSQL

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    phone_sealed: str
    phone_index: str = Field(unique=True)
    password_hash: str | None = None
    password_until: datetime | None = None  # somebody else made the password: until then it opens, to choose an own one
    created_at: datetime
    disabled_at: datetime | None = None


class Grant(SQLModel, table=True):
    """One role in one scope: county, hub, station, line, session, partner or own."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id", "role", "scope_kind", "scope_code"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    user_id: int = Field(foreign_key="app_user.id", index=True)
    role: str
    scope_kind: str = "county"
    scope_code: str = ""
    granted_at: datetime
    revoked_at: datetime | None = None


class SignIn(SQLModel, table=True):
    """A browser's or program's session. Guests have one too, for their basket and orders; only the hash is stored."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # names the session in lists and logs; opens nothing
    token_hash: str = Field(unique=True)
    user_id: int | None = Field(default=None, foreign_key="app_user.id", index=True)
    is_bearer: bool = False
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    second_factor_at: datetime | None = None
    revoked_at: datetime | None = None
    agent: str = ""


class OneTimeCode(SQLModel, table=True):
    """Six digits sent to a phone. They open only where they were asked for: with the receipt whose hash is kept here."""

    __tablename__ = "one_time_code"

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    phone_index: str = Field(index=True)
    purpose: str
    code_hash: str
    receipt_hash: str
    sent_at: datetime
    expires_at: datetime
    tries_left: int = 5
    used_at: datetime | None = None


class SecondFactor(SQLModel, table=True):
    """A TOTP secret; `last_step` refuses the same six digits twice."""

    __tablename__ = "second_factor"

    user_id: int = Field(primary_key=True, foreign_key="app_user.id")
    secret_sealed: str
    confirmed_at: datetime | None = None
    last_step: int = 0


class SignInFailure(SQLModel, table=True):
    """Failed sign-ins, counted per account: five in fifteen minutes close the door for a while."""

    __tablename__ = "sign_in_failure"

    id: int | None = Field(default=None, primary_key=True)
    phone_index: str = Field(index=True)
    at: datetime


class Device(SQLModel, table=True):
    """A scanner: its Bearer token may only upload scans, for 90 days, until revoked."""

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)
    name: str
    user_id: int = Field(foreign_key="app_user.id", index=True)
    token_hash: str = Field(unique=True)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
