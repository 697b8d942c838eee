"""Settings from the environment (`JISHI_*`), all optional; unset services fall back to the embedded default.

`JISHI_HOME` keeps the data, the generated secret and the mode (`demo` or nothing), so that every command run beside
a demo finds the same database and speaks the same way without any variable set.
"""

import os
import secrets
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent  # templates/, static/, data/, locale/, migrations/ lie here


_secrets: dict[Path, bytes] = {}  # read once a process, by the home they lie in


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="JISHI_", validate_assignment=True, extra="ignore")

    home: Path = Path("var")
    port: int = 8000
    county: str | None = None
    database_url: str | None = None
    broker_url: str | None = None
    meili_url: str | None = None
    meili_key: str | None = None
    files_url: str | None = None
    secret_key: str | None = None
    base_url: str | None = None
    stripe_api_key: str | None = None
    stripe_api_base: str | None = None
    stripe_publishable_key: str | None = Field(
        default=None, description="of the card form on our own page; unset, Stripe's page takes cards"
    )
    stripe_webhook_secret: str | None = None
    alipay_app_id: str | None = None
    alipay_gateway: str | None = None
    alipay_private_key: str | None = None
    alipay_public_key: str | None = None
    alipay_seller_id: str | None = None
    demo: bool | None = None
    docs: bool = False
    metrics_token: str | None = None
    sms_url: str | None = Field(default=None, description="where messages to phones are posted (core.sms)")
    sms_token: str | None = None
    trusted_proxies: str = Field(default="", description="proxies on other machines, by address or network, with commas between")
    workers: bool = Field(default=True, description="run the embedded worker inside `jishi serve` when no broker is set")

    @property
    def url(self) -> str:
        """The database's address; SQLite under HOME when none is set."""
        return self.database_url or _sqlite_url(self.home)

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def is_alone(self) -> bool:
        """Whether everything lies on this machine and in this process: no database server, broker or search server to wait for."""
        return self.is_sqlite and not (self.broker_url or self.meili_url)

    @property
    def is_demo(self) -> bool:
        """Demo mode: asked for by JISHI_DEMO, else remembered in HOME by the command that loaded the demo."""
        return self.holds_demo if self.demo is None else self.demo

    @property
    def holds_demo(self) -> bool:
        """Whether the demo was loaded here, whatever JISHI_DEMO says."""
        return _remembered_mode(self.home) == "demo"

    @property
    def address(self) -> str:
        """Where browsers reach this installation, without a trailing slash."""
        return (self.base_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        return self.address.startswith("https://")

    @property
    def is_public(self) -> bool:
        """Whether others than this machine are told to come here."""
        return urlsplit(self.address).hostname not in ("127.0.0.1", "::1", "localhost")

    @property
    def has_secret(self) -> bool:
        """Whether there is a root secret already, so that asking for it makes none."""
        return bool(self.secret_key) or (self.home / "secret").exists()

    def secret(self) -> bytes:
        """The root secret all keys are derived from: JISHI_SECRET_KEY, else one made once under HOME."""
        if self.secret_key:
            return self.secret_key.encode()
        if (known := _secrets.get(self.home)) is not None:
            return known
        path = self.home / "secret"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
            draft.write_text(secrets.token_urlsafe(48))
            draft.chmod(0o600)
            try:
                os.link(draft, path)  # the first process wins, the others read what it wrote
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return _secrets.setdefault(self.home, path.read_text().strip().encode())

    def remember_mode(self, mode: str) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "mode").write_text(mode)
        _remembered_mode.cache_clear()


@lru_cache(maxsize=64)
def _sqlite_url(home: Path) -> str:
    return f"sqlite:///{os.path.abspath(home)}/jishi.db"


@lru_cache(maxsize=64)
def _remembered_mode(home: Path) -> str:
    """What an installation was loaded as, read once a process: "" for none."""
    path = home / "mode"
    return path.read_text().strip() if path.exists() else ""


settings = Settings()
