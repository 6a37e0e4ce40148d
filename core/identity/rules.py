"""Pure rules about passwords, mail addresses and what a profile may say."""

import re
from typing import Any
from zoneinfo import available_timezones

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from core.base.errors import Refused
from core.base.formats import DENSITIES, FORMAT_FIELDS
from core.base.text import clean, clean_needed
from infra import breached, i18n

PASSWORD_MIN, PASSWORD_MAX = 12, 128


def full_name(value: Any, field: str) -> str:
    """What a person is called: one line, not empty."""
    return clean_needed(value, field=field, max_length=100)


def language(value: Any, field: str) -> str:
    """One of the languages that Tendero speaks."""
    if value not in i18n.LANGUAGES:
        raise Refused("unknown_value", field=field)
    return value


def timezone(value: Any, field: str) -> str:
    """A time zone by its IANA name."""
    if value not in available_timezones():
        raise Refused("unknown_value", field=field)
    return value


def yes_or_no(value: Any, field: str) -> bool:
    """A switch; a form shows it as "1" or nothing."""
    if value in (True, "1"):
        return True
    if value in (False, None, ""):
        return False
    raise Refused("unknown_value", field=field)


def row_height(value: Any, field: str) -> str:
    """How high the rows of lists are."""
    if value not in DENSITIES:
        raise Refused("unknown_value", field=field)
    return value


PROFILE_FIELDS = {"name": full_name, "locale": language, "timezone": timezone, "letter_keys": yes_or_no, "density": row_height, **FORMAT_FIELDS}


def normal_mail(mail: str, *, field: str = "mail") -> tuple[str, str]:
    """(as typed, as compared). Refuses what is not an address (`not_a_mail`); sends nothing, asks no DNS."""
    typed = clean(mail, field=field, max_length=254) or ""
    try:
        checked = validate_email(typed, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Refused("not_a_mail", field=field) from None
    return checked.normalized, checked.normalized.casefold()


def plain_mail(cell: str) -> str | None:
    """The address itself where nothing about it can be in doubt: what the cleaner would give, at a tenth of its time.
    A test compares the two; everything else goes to the cleaner."""
    match = PLAIN_MAIL.fullmatch(cell)
    if match is None or len(cell) > 150 or "--" in cell or match[1] in SPECIAL_ENDS:
        return None
    return cell


# Lower-case ASCII, local part of 30, labels of 30, an end of letters.
PLAIN_MAIL = re.compile(r"[a-z0-9]{1,10}(?:[._+-][a-z0-9]{1,10}){0,2}@(?:[a-z0-9][a-z0-9-]{0,28}[a-z0-9]\.){1,3}([a-z]{2,20})")
SPECIAL_ENDS = frozenset(name.rsplit(".", 1)[-1] for name in SPECIAL_USE_DOMAIN_NAMES)


def check_new_password(password: str, *, field: str = "password") -> str:
    """12 to 128 characters, none that lists of stolen passwords hold; no rules of composition (ASVS 5.0 V6)."""
    if len(password) < PASSWORD_MIN:
        raise Refused("password_short", field=field, min=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        raise Refused("password_long", field=field, max=PASSWORD_MAX)
    if is_well_known(password) or breached.is_breached(password):
        raise Refused("password_known", field=field)
    return password


def is_well_known(password: str) -> bool:
    """Simple patterns that every list of stolen passwords holds: one repeated unit, a run, a keyboard walk."""
    folded = password.casefold()
    units = {folded[i : i + n] for n in (1, 2, 3, 4, 6) for i in range(0, len(folded), n) if len(folded) % n == 0 and folded == folded[:n] * (len(folded) // n)}
    runs = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertyuiop[]asdfghjkl")
    return bool(units) or any(folded in run * 2 for run in runs) or folded in OURS


# What people would choose here of all places, and no list holds.
OURS = frozenset({"tendero12345", "tenderotendero", "tendero123456", "changemechangeme", "tenderopassword", "password123456"})
