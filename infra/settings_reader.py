"""Typed reading of single environment variables: each wrong value is one sentence, never a stack of them."""

import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"{LABEL}(\.{LABEL})*")
CLUSTER = re.compile(r"[a-z][a-z0-9_]{0,30}")


class ConfigError(Exception):
    """A wrong setting: one sentence naming the variable and what to do."""


class Reader:
    """Reads variables from a mapping. With `production` a default that matters is refused, not used."""

    def __init__(self, environ: Mapping[str, str], production: bool):
        self.environ = environ
        self.production = production

    def text(self, name: str, default: str, must: bool = False) -> str:
        """The stripped value, or the default; with `must` production refuses the default."""
        value = self.environ.get(name, "").strip()
        if not value and must and self.production:
            raise ConfigError(f"{name} is not set: production has no default for it, so give it a value.")
        return value or default

    def secret(self, name: str, default: str, must: bool = True) -> str:
        """The value of NAME, or the content of the file that NAME_FILE names; both at once are refused."""
        path = self.environ.get(f"{name}_FILE", "").strip()
        if path and self.environ.get(name):
            raise ConfigError(f"{name} and {name}_FILE are both set: keep one of them.")
        if not path:
            return self.text(name, default, must)
        try:
            value = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{name}_FILE names a file that can't be read: check the path and its permissions.") from None
        if not value:
            raise ConfigError(f"{name}_FILE names an empty file: write the secret into it.")
        return value

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise ConfigError(f"{name} is not one of {', '.join(allowed)}: choose one of these.")
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not least <= int(value) <= most:
            raise ConfigError(f"{name} is not a whole number from {least} to {most}: correct it.")
        return int(value)

    def places(self, name: str) -> frozenset[str]:
        """Several host:port, with commas between."""
        found = frozenset(part.strip().lower() for part in self.text(name, "").split(",") if part.strip())
        for part in found:
            host, _, port = part.rpartition(":")
            if not re.fullmatch(r"[a-z0-9.\-\[\]:]+", host) or not re.fullmatch(r"\d{1,5}", port, re.ASCII):
                raise ConfigError(f"{name} holds {part[:60]!r}, which is no host:port: write for example sso.example.lan:8443.")
        return found

    def domain(self, name: str, default: str) -> str:
        value = self.text(name, default, must=True).lower()
        if not DOMAIN.fullmatch(value) or len(value) > 200:
            raise ConfigError(f"{name} is not a bare domain name: write it like example.com, without scheme or port.")
        return value

    def url(self, name: str, schemes: Sequence[str], default: str, must: bool = True) -> str:
        value = self.text(name, default, must)
        if value:
            self._check_url(name, value, schemes)
        return value

    def _check_url(self, name: str, value: str, schemes: Sequence[str]) -> None:
        """Refuses a foreign scheme, a missing host, and a missing path where the scheme means a file."""
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        try:
            parts = urlsplit(value)
            bad_port = parts.port == 0
        except ValueError:
            raise ConfigError(f"{name} is not an address: write one that begins with {wanted}.") from None
        if parts.scheme not in schemes or bad_port:
            raise ConfigError(f"{name} is not an address of the right kind: write one that begins with {wanted}.")
        if not (parts.path if parts.scheme in ("file", "unix") else parts.hostname):
            raise ConfigError(f"{name} has no host or path after {parts.scheme}://: add it.")

    def database(self, name: str, must: bool) -> str:
        """A PostgreSQL address as libpq reads it; SQLAlchemy's spelling is accepted and made plain."""
        value = self.text(name, "")
        if not value:
            if must:
                raise ConfigError(f"{name} is not set: start the local databases with bin/up, or give a PostgreSQL 18 address.")
            return ""
        scheme, mark, rest = value.partition("://")
        if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not mark:
            raise ConfigError(f"{name} is not a PostgreSQL address: write postgresql://user:password@host/database.")
        if not urlsplit(f"postgresql://{rest}").path.strip("/"):
            raise ConfigError(f"{name} names no database: end it with /database.")
        return f"postgresql://{rest}"

    def mail(self, name: str, default: str) -> str:
        value = self.text(name, default, must=True)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]) or "\n" in value:
            raise ConfigError(f"{name} is not a mail address: write it like Tendero <post@example.com>.")
        return value

    def iban(self, name: str, default: str, must: bool) -> str:
        """An IBAN without blanks; one with a wrong check sum is refused, money would go astray."""
        value = self.text(name, default, must).replace(" ", "").upper()
        digits = "".join(str(int(c, 36)) for c in value[4:] + value[:4] if c.isascii() and c.isalnum())
        if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", value, re.ASCII) or int(digits) % 97 != 1:
            raise ConfigError(f"{name} is not a valid IBAN: check it against the bank's papers.")
        return value

    def currency(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not re.fullmatch(r"[A-Z]{3}", value):
            raise ConfigError(f"{name} is not a currency code: write three capitals like EUR.")
        return value

    def suffixes(self, prefix: str) -> list[str]:
        """Lower-case endings of the variables beginning with `prefix`, in order of the alphabet."""
        names = sorted(name[len(prefix):].lower() for name, value in self.environ.items()
                       if name.startswith(prefix) and value.strip())
        for name in names:
            if not CLUSTER.fullmatch(name):
                raise ConfigError(f"{prefix}{name.upper()} has a wrong cluster name: letters, digits and _ only.")
        return names


