"""One frozen Settings value, read from the environment; refuses to start when a variable is wrong.

In: a mapping of environment variables. Out: `Settings`. Refused: every wrong value by a `ConfigError`
holding one sentence that names the variable and says what to do.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from infra.settings_reader import ConfigError, Reader

__all__ = ["Cluster", "ConfigError", "Seller", "Settings", "load", "settings"]

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("development", "test", "production")
DEVELOPMENT_SECRET = "development-only-secret-never-for-production"
SHORTEST_SECRET = 32
DEFAULT_PORTS = {"http": 80, "https": 443}


class Cluster(NamedTuple):
    """Addresses of one PostgreSQL cluster; `owner` is empty where this process has no owner login."""

    app: str
    owner: str


@dataclass(frozen=True)
class Seller:
    """Who rents Tendero out: printed on subscription invoices."""

    name: str
    address: str
    vat_id: str
    iban: str
    bic: str
    currency: str


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides. Made by `load` only."""

    environment: str
    base_domain: str
    public_scheme: str
    public_port: int
    # Addresses hold passwords: kept out of repr, hence out of logs and tracebacks.
    clusters: Mapping[str, Cluster] = field(repr=False)
    redis_url: str = field(repr=False)
    smtp_url: str = field(repr=False)
    mail_from: str
    mail_from_each: str
    storage_url: str
    sentry_dsn: str = field(repr=False)
    secret_key: str = field(repr=False)
    previous_secret_keys: tuple[str, ...] = field(repr=False)
    master_key: str = field(repr=False)
    home: Path
    fonts_dir: Path
    metrics_dir: Path
    metrics_token: str = field(repr=False)
    web_workers: int
    web_threads: int
    web_share: int
    db_pool_size: int
    mail_workers: int
    default_workers: int
    bulk_workers: int
    job_lease: int
    sweep_seconds: int
    upload_mb: int
    trusted_proxies: int
    # host:port of servers inside that tenants may name all the same, by plain http too (a sign-in server of the house).
    outbound_inside: frozenset[str]
    log_level: str
    release: str
    seller: Seller

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def database_url(self) -> str:
        """The app login of the default cluster."""
        return self.clusters["main"].app

    @property
    def database_owner_url(self) -> str:
        """The owner login of the default cluster, for DDL; refused where the process was not given one."""
        return self.owner_url("main")

    def owner_url(self, cluster: str) -> str:
        """Address of a cluster's owner login; refused where the process was not given one."""
        if not self.clusters[cluster].owner:
            raise ConfigError(f"{_variable('DATABASE_OWNER_URL', cluster)} is not set: give the owner login, DDL needs it.")
        return self.clusters[cluster].owner

    @property
    def local(self) -> bool:
        """True where the base domain is localhost: plain cookies, no certificates."""
        return self.base_domain == "localhost"

    @property
    def cookie_secure(self) -> bool:
        return self.public_scheme == "https"

    def host(self, label: str = "") -> str:
        """Host name without port: `host("acme")` is acme.<base domain>, `host()` the apex."""
        return f"{label}.{self.base_domain}" if label else self.base_domain

    def url_for_host(self, label: str = "") -> str:
        """Scheme, host and port of a label below the base domain, without a closing slash."""
        port = "" if DEFAULT_PORTS[self.public_scheme] == self.public_port else f":{self.public_port}"
        return f"{self.public_scheme}://{self.host(label)}{port}"

    @property
    def apex_url(self) -> str:
        return self.url_for_host()

    @property
    def operator_url(self) -> str:
        return self.url_for_host("ops")

    @property
    def files_url(self) -> str:
        """The host of uploaded files: an origin of its own, where nobody is signed in."""
        return self.url_for_host("files")

    def tenant_url(self, slug: str) -> str:
        return self.url_for_host(slug)

    def derived_key(self, purpose: str) -> bytes:
        """32 bytes for one purpose from SECRET_KEY: signatures and tokens that may end with a rotation."""
        return _derive(self.secret_key, purpose)

    def derived_keys(self, purpose: str) -> tuple[bytes, ...]:
        """The current key first, then those of SECRET_KEY_PREVIOUS: sign by the first, accept all."""
        return tuple(_derive(secret, purpose) for secret in (self.secret_key, *self.previous_secret_keys))

    def data_key(self, purpose: str) -> bytes:
        """32 bytes for one purpose from MASTER_KEY: what is stored encrypted and outlives rotations."""
        return _derive(self.master_key, purpose)


def _derive(secret: str, purpose: str) -> bytes:
    """HKDF-SHA256 (RFC 5869), one block; the standard library has no HKDF."""
    extracted = hmac.digest(b"tendero", secret.encode(), hashlib.sha256)
    return hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)


def _variable(prefix: str, cluster: str) -> str:
    return prefix if cluster == "main" else f"{prefix}_{cluster.upper()}"


def load(environ: Mapping[str, str]) -> Settings:
    """Settings from `environ`; raises ConfigError with one sentence at the first wrong variable."""
    read = Reader(environ, production=False)
    environment = read.choice("TENDERO_ENV", ENVIRONMENTS, "development")
    read = Reader(environ, production=environment == "production")
    scheme = read.choice("PUBLIC_SCHEME", ("http", "https"), "https" if read.production else "http")
    home = Path(read.text("TENDERO_HOME", str(ROOT / "var"))).expanduser().resolve()
    secret, previous, master = _secrets(read)
    loaded = Settings(
        environment=environment,
        base_domain=read.domain("BASE_DOMAIN", "localhost"),
        public_scheme=scheme,
        public_port=read.number("PUBLIC_PORT", 8000 if not read.production else DEFAULT_PORTS[scheme], 1, 65535),
        clusters=_clusters(read),
        sentry_dsn=read.url("SENTRY_DSN", ("http", "https"), "", must=False),
        secret_key=secret, previous_secret_keys=previous, master_key=master,
        home=home,
        fonts_dir=Path(read.text("FONTS_DIR", str(home / "fonts"))),
        metrics_dir=Path(read.text("PROMETHEUS_MULTIPROC_DIR", str(home / "metrics"))),
        metrics_token=read.secret("METRICS_TOKEN", "", must=False),
        trusted_proxies=read.number("TRUSTED_PROXIES", 0, 0, 10),
        outbound_inside=read.places("OUTBOUND_INSIDE"),
        log_level=read.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        release=read.text("TENDERO_RELEASE", ""),
        seller=_seller(read),
        **_services(read, home), **_sizes(read),
    )
    _refuse_in_production(loaded)
    return loaded


def _services(read: Reader, home: Path) -> dict:
    return {
        "redis_url": read.url("REDIS_URL", ("redis", "rediss", "unix"), "redis://127.0.0.1:6379/0"),
        "smtp_url": read.url("SMTP_URL", ("smtp", "smtps", "smtp+starttls"), "smtp://127.0.0.1:1025"),
        "mail_from": read.mail("MAIL_FROM", "Tendero <noreply@localhost>"),
        # no: for a provider that takes mail from one sender only.
        "mail_from_each": read.choice("MAIL_FROM_EACH", ("yes", "no"), "yes"),
        "storage_url": read.url("STORAGE_URL", ("file",), (home / "files").as_uri()),
        # A whole request is at most 25 MiB (web.app), its wrapping included.
        "upload_mb": read.number("UPLOAD_MB", 25, 1, 25),
    }


def _sizes(read: Reader) -> dict:
    threads = read.number("WEB_THREADS", 4, 1, 64)
    pool = read.number("DB_POOL_SIZE", threads, 1, 200)
    least = min(threads, pool)
    return {
        "web_workers": read.number("WEB_WORKERS", 2, 1, 64),
        "web_threads": threads,
        # Of one host in one process at the same time: a quarter of the threads, and of the connections, is left to the others.
        "web_share": read.number("WEB_SHARE", max(1, least - (least + 3) // 4), 1, 64),
        # One connection a thread: a thread never holds two.
        "db_pool_size": pool,
        "mail_workers": read.number("MAIL_WORKERS", 1, 1, 64),
        "default_workers": read.number("DEFAULT_WORKERS", 1, 1, 64),
        "bulk_workers": read.number("BULK_WORKERS", 1, 1, 64),
        # Whoever dies is replaced after at most one lease and one sweep.
        "job_lease": read.number("JOB_LEASE", 60, 1, 600),
        "sweep_seconds": read.number("SWEEP_SECONDS", 45, 1, 60),
    }


def _clusters(read: Reader) -> Mapping[str, Cluster]:
    """The default cluster "main" and one for each DATABASE_URL_<NAME>."""
    names = ["main", *read.suffixes("DATABASE_URL_")]
    orphans = sorted(set(read.suffixes("DATABASE_OWNER_URL_")) - set(names))
    if orphans or "main" in names[1:]:
        name = (orphans or ["main"])[0].upper()
        raise ConfigError(
            f"DATABASE_OWNER_URL_{name} has no DATABASE_URL_{name}: give both addresses of the cluster."
            if orphans else "DATABASE_URL_MAIN is not read: the default cluster's address is DATABASE_URL.")
    return MappingProxyType({
        name: Cluster(read.database(_variable("DATABASE_URL", name), must=True),
                      read.database(_variable("DATABASE_OWNER_URL", name), must=False))
        for name in names
    })


def _secrets(read: Reader) -> tuple[str, tuple[str, ...], str]:
    """Signing key, the older ones still accepted, and the key of data at rest."""
    secret = read.secret("SECRET_KEY", DEVELOPMENT_SECRET)
    previous = tuple(part for part in read.secret("SECRET_KEY_PREVIOUS", "", must=False).split(",") if part)
    master = read.secret("MASTER_KEY", secret)
    for name, value in (("SECRET_KEY", secret), ("MASTER_KEY", master), *(("SECRET_KEY_PREVIOUS", p) for p in previous)):
        if len(value) < SHORTEST_SECRET and read.production:
            raise ConfigError(f"{name} is shorter than {SHORTEST_SECRET} characters: make one with `openssl rand -base64 48`.")
    return secret, previous, master


def _seller(read: Reader) -> Seller:
    return Seller(
        name=read.text("SELLER_NAME", "Tendero development", must=True),
        address=read.text("SELLER_ADDRESS", "1 Example Street, Example Town", must=True),
        vat_id=read.text("SELLER_VAT_ID", ""),
        iban=read.iban("SELLER_IBAN", "DE89370400440532013000", must=True),
        bic=read.text("SELLER_BIC", ""),
        currency=read.currency("SELLER_CURRENCY", "EUR"),
    )


def _refuse_in_production(found: Settings) -> None:
    """What is well formed yet must not face the internet."""
    if not found.production:
        return
    if found.local:
        raise ConfigError("BASE_DOMAIN is localhost: production needs the domain whose sub-domains are the tenants.")
    if found.public_scheme != "https":
        raise ConfigError("PUBLIC_SCHEME is http: production is served by https only, so remove the variable or say https.")
    if DEVELOPMENT_SECRET in (found.secret_key, found.master_key, *found.previous_secret_keys):
        raise ConfigError("SECRET_KEY is the development default: make one with `openssl rand -base64 48`.")
    if found.master_key == found.secret_key:
        raise ConfigError("MASTER_KEY equals SECRET_KEY: give data at rest a key of its own, since it outlives rotations.")


@cache
def settings() -> Settings:
    """The settings of this process, read once; tests call `settings.cache_clear()`."""
    return load(os.environ)
