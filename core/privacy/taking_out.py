"""Everything that stands of one person, in one archive: JSON, a CSV file for each table, and his files."""

import csv
import io
import json
import tempfile
import zipfile
from typing import IO, Any

from sqlalchemy import or_, select

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import plain
from core.base.personal import Personal, personal
from core.files.queries import bytes_of
from core.privacy import rows
from core.privacy.finding import OURS, known_as
from core.privacy.models import SubjectRequest
from core.privacy.requests import person_of
from core.privacy.rows import Person, table_of
from core.privacy.words import TABLE_LABELS
from infra import i18n
from infra.storage import storage

LARGEST = 2_000_000_000
OPENS = ("token", "proof")  # whoever holds these opens something in his name, or proves that he did
TECHNICAL = ("outbox", "session", "idempotency_key", "audit_entry")  # ours to run the place; what they say of him stands in the others


def take_out(ctx: Context, request: SubjectRequest) -> dict[str, Any]:
    """Write the archive of a request and keep it; says how many rows of which table it holds."""
    person = known_as(ctx, person_of(ctx, request))
    with tempfile.SpooledTemporaryFile(max_size=5_000_000) as spool:
        counts = write(ctx, person, spool)
        spool.seek(0)
        stored = storage().save(ctx.tenant.id, spool, limit=LARGEST)
    request.file_key = stored.key
    return {"tables": counts, "bytes": stored.size, "sha256": stored.sha256}


def write(ctx: Context, person: Person, target: IO[bytes]) -> dict[str, int]:
    """The archive into a file: person.json, tables/<name>.csv, files/<name>."""
    found = {one.table: list(_rows(ctx, one, person)) for one in personal().values() if one.table not in (*OURS, *TECHNICAL)}
    found = {name: listed for name, listed in found.items() if listed}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        said = {i18n.gettext(ctx.locale, TABLE_LABELS.get(name, name)): listed for name, listed in found.items()}
        archive.writestr("person.json", json.dumps({"taken_at": ctx.now.isoformat(), "workspace": ctx.tenant.name, "data": said}, ensure_ascii=False, indent=1))
        for name, listed in found.items():
            archive.writestr(f"tables/{name}.csv", _csv(listed))
        for number, row in enumerate(found.get("attachment", ()), 1):
            _put_file(ctx, archive, number, row)
    return {name: len(listed) for name, listed in found.items()}


def _rows(ctx: Context, one: Personal, person: Person) -> Any:
    """Of his own rows everything but keys that open something (a quote's link); of others in which he is named only what names him, and when."""
    table = table_of(one.table)
    mine = rows.own(one, person)
    query = select(table, mine.label("mine")).where(or_(mine, rows.ticked(one, person)))
    for row in ctx.session.execute(query).mappings():
        wanted = [column.name for column in table.columns if column.computed is None and column.name not in OPENS] if row["mine"] else [*one.told, *(name for name in ("created_at", "at") if name in table.c)]
        yield {name: plain(_himself(row[name], person) if name in one.blind else row[name]) for name in wanted if not isinstance(row[name], bytes)}


def _himself(people: list[dict[str, str]] | None, person: Person) -> list[dict[str, str]]:
    """Of a list of people who must not know of each other, him alone."""
    return [one for one in people or () if str(one.get("mail", "")).lower() in person.mails]


def _csv(listed: list[dict]) -> str:
    target = io.StringIO()
    names = list(dict.fromkeys(name for row in listed for name in row))
    writer = csv.writer(target)
    writer.writerow([name.replace("_", " ") for name in names])
    for row in listed:
        writer.writerow([_cell(row.get(name)) for name in names])
    return "\ufeff" + target.getvalue()


def _cell(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    said = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + said if said[:1] in ("=", "+", "-", "@", "\t", "\r") else said


def _put_file(ctx: Context, archive: zipfile.ZipFile, number: int, row: dict) -> None:
    try:
        path = bytes_of(ctx, row["stored_key"])
    except (NotFound, Refused, KeyError):
        return
    name = str(row["name"]).replace("/", "_").replace("\\", "_").lstrip(".") or "file"
    archive.write(path, f"files/{number}-{name}")
