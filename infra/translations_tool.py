"""Catalogues: extract message ids from code and templates, bring the .po files up to date, name what is missing.

`python -m infra.translations_tool update` after texts changed; tests/house/test_translations.py holds the result.
"""

import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from infra.i18n import FOLDER, LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
# A fixed date: the header would change with every run and make a conflict of every merge.
BIRTH = datetime(2026, 11, 22, tzinfo=UTC)
PACKAGES = ("infra", "core", "tenants", "billing", "workers", "web")
# The gallery of parts is for developers and stays English.
METHODS = [("**/node_modules/**", "ignore"), ("**/ui_gallery.html", "ignore"), ("**/gallery.py", "ignore"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
# WTForms says these itself; our translations of them are kept with ours.
FROM_WTFORMS = (
    "This field is required.", "Not a valid choice.", "Not a valid integer value.", "Not a valid decimal value.", "Not a valid date value.",
    ("Field must be at least %(min)d character long.", "Field must be at least %(min)d characters long."),
    ("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters."),
    "Field must be between %(min)d and %(max)d characters long.", "Number must be between %(min)s and %(max)s.", "Number must be at least %(min)s.",
    "Number must be at most %(max)s.", "Invalid email address.", "Invalid value, must be one of: %(values)s.",
)


@cache
def extract() -> Catalog:
    """Every message id of the product, with no places (they make noise in every commit)."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for package in PACKAGES:
        for row in extract_from_dir(ROOT / package, METHODS, OPTIONS, keywords=KEYWORDS, directory_filter=lambda d: "node_modules" not in d):
            if row[2] and (row[2] if isinstance(row[2], str) else row[2][0]):
                found.add(row[2], context=row[4])
    for message in FROM_WTFORMS:
        found.add(message)
    return found


def load(code: str) -> Catalog:
    """A language's catalogue as committed; empty where there is none."""
    path = _path(code)
    if not path.exists():
        return Catalog(locale=code, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def missing(code: str) -> list[str]:
    """Message ids without a translation in a language, or marked fuzzy."""
    have = load(code)
    absent = []
    for message in extract():
        if message.id:
            known = have.get(message.id)
            texts = known.string if known and isinstance(known.string, tuple | list) else (known.string if known else "",)
            if known is None or known.fuzzy or not all(texts):
                absent.append(message.id if isinstance(message.id, str) else message.id[0])
    return absent


def save(code: str, have: Catalog) -> None:
    """Write a catalogue sorted, without places and dates, so that merges stay small."""
    _path(code).parent.mkdir(parents=True, exist_ok=True)
    have.project, have.version, have.header_comment = "Tendero", "1", "# Texts of Tendero."
    have.creation_date = have.revision_date = BIRTH
    with _path(code).open("wb") as file:
        write_po(file, have, no_location=True, omit_header=False, sort_output=True, ignore_obsolete=True, width=0)


def update() -> None:
    """Add new ids, drop those no longer used, in every language but English."""
    template = extract()
    for code in LANGUAGES:
        if code != "en":
            have = load(code)
            have.update(template, no_fuzzy_matching=True)
            save(code, have)


def _path(code: str) -> Path:
    return FOLDER / code / "LC_MESSAGES" / "messages.po"


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    for language in LANGUAGES:
        if language != "en":
            sys.stdout.write(f"{language}: {len(missing(language))} missing\n")
