"""What is remembered of an erasure outside the workspace, so that it can be done again after a restore: it says nothing of who it was."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import Text, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import Refused
from core.base.personal import personal
from core.identity.rules import normal_mail
from core.post.queries import hash_of
from core.privacy import rows
from core.privacy.finding import known_as
from core.privacy.rows import Person, table_of
from infra.config import settings
from infra.crypto import sign

WORD = re.compile(r"\w+")


def tombstone(ctx: Context, person: Person) -> dict[str, Any]:
    """What a restore needs to do it again, with nothing in it that says who it was: keys, keyed hashes, the pseudonym."""
    known = known_as(ctx, person)
    hashes = sorted({hash_of(ctx, one).hex() for one in known.sure if "@" in one and _is_mail(one)})
    words = {(len(WORD.findall(one)), _hashed(ctx, one)) for one in known.names | known.sure if WORD.search(one)}
    return {"ids": sorted(str(one) for one in person.ids), "mails": hashes, "words": sorted(words), "rows": person.rows, "mark": person.mark}


def person_of(ctx: Context, what: dict[str, Any]) -> Person:
    """The person of a tombstone as older data know him: his addresses, and what he was called in the rows that were ticked, are
    found by their hashes."""
    wanted, found = set(what["mails"]), set()
    for one in personal().values() if wanted else ():
        table = table_of(one.table)
        for name in one.at:
            mails = ctx.session.execute(select(table.c[name]).where(table.c[name].is_not(None)).distinct()).scalars()
            found |= {mail for mail in mails if _is_mail(mail) and hash_of(ctx, mail).hex() in wanted}
    return Person(ids={UUID(one) for one in what["ids"]}, sure=found, names=_called(ctx, what), rows=what["rows"], mark=what["mark"])


def _called(ctx: Context, what: dict[str, Any]) -> set[str]:
    """Runs of words in the ticked rows whose hash is one of those kept."""
    wanted, found = {(count, digest) for count, digest in what["words"]}, set()
    for name, keys in what["rows"].items():
        table, columns = table_of(name), personal()[name].columns
        query = select(rows.told(table, columns)).where(rows.row_key(table) == any_(literal(keys, ARRAY(Text))))
        for said in ctx.session.execute(query).scalars():
            marks = list(WORD.finditer(said))
            for count in {count for count, _ in wanted}:
                for first, last in zip(marks, marks[count - 1 :], strict=False):
                    run = said[first.start() : last.end()]
                    found |= {run} if (count, _hashed(ctx, run)) in wanted else set()
    return found


def _hashed(ctx: Context, said: str) -> str:
    return sign(settings().data_key("tombstone"), str(ctx.tenant.id), " ".join(WORD.findall(said.lower())))


def _is_mail(value: str) -> bool:
    try:
        return bool(normal_mail(value))
    except Refused:
        return False
