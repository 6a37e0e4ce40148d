"""Is this company or person there already? Asked while somebody types one in; it warns and never blocks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, func, literal, or_, select, text

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import sees
from core.base.text import CONTROL
from core.identity.rules import normal_mail
from core.parties.models import Account, Contact
from core.parties.reach_finding import has_the_same

SIMILAR = 0.6
SCORES = {"mail": 1.0, "phone": 0.9, "name": 0.85}


@dataclass(frozen=True)
class Match:
    """A record that may be the same. reasons: mail, phone, name, similar_name. A record of somebody else, whom the
    actor does not see, comes without id and name: it exists, and that is all that is said."""

    id: UUID | None
    score: float
    reasons: tuple[str, ...]
    name: str | None = None

    @property
    def hidden(self) -> bool:
        return self.id is None


def likely_duplicates(ctx: Context, candidate: Mapping[str, Any], *, limit: int = 3) -> list[Match]:
    """The records most like `candidate`: {"type": "account" or "contact", "name", "mail", "phone", "mobile", "id"}.

    id is the record's own, which is left out. Nothing is said of a field that is hidden from the actor. What cannot be read (half a mail address) is passed over.
    """
    model = Contact if candidate.get("type") == "contact" else Account
    name, mail, phones = _name(candidate), _mail(candidate), _phones(candidate)
    folded = func.lower(func.ext.immutable_unaccent(literal(name or "", Text)))
    away = hidden(ctx, model.ROOM)
    mail = None if "mail" in away else mail
    signs = {"mail": model.mail_norm == mail if mail else None, "phone": _same_phone(model, phones, away), "name": model.name_fold == folded if name else None}
    signs |= _or_further(ctx, model, signs, mail, phones)
    tests = {reason: sign for reason, sign in signs.items() if sign is not None}
    alike = func.similarity(model.name_fold, folded) if name else literal(0.0)
    if name:
        tests["similar_name"] = model.name_fold.op("%")(folded)
    if not tests:
        return []
    ctx.session.execute(text(f"SET LOCAL pg_trgm.similarity_threshold = {SIMILAR}"))
    query = select(model.id, model.name, sees(ctx, model).label("seen"), alike.label("alike"), *(sign.label(f"same_{reason}") for reason, sign in tests.items()))
    query = query.where(model.deleted_at.is_(None), or_(*tests.values()), and_(model.id != candidate["id"]) if candidate.get("id") else literal(True))
    found = [_match(row, tests) for row in ctx.session.execute(query.order_by(alike.desc(), model.id).limit(50))]
    return sorted(found, key=lambda match: -match.score)[:limit]


def _match(row: Any, tests: Mapping[str, Any]) -> Match:
    reasons = tuple(reason for reason in tests if getattr(row, f"same_{reason}"))
    if "name" in reasons:
        reasons = tuple(reason for reason in reasons if reason != "similar_name")
    score = max([SCORES[reason] for reason in reasons if reason in SCORES] or [0.0])
    return Match(row.id if row.seen else None, max(score, round(0.8 * float(row.alike), 2)), reasons, row.name if row.seen else None)


def _or_further(ctx: Context, model: Any, signs: Mapping[str, Any], mail: str | None, phones: list[str]) -> dict[str, Any]:
    """The signs of a same mail or phone, found among a record's further ones too."""
    further = {"mail": has_the_same(ctx, model, "mail", [mail] if mail else []), "phone": has_the_same(ctx, model, "phone", phones)}
    return {name: sign if signs[name] is None else or_(signs[name], sign) for name, sign in further.items() if sign is not None}


def _name(candidate: Mapping[str, Any]) -> str | None:
    found = str(candidate.get("name") or "").strip()[:200]
    return found if len(found) > 1 and not CONTROL.search(found) else None


def _mail(candidate: Mapping[str, Any]) -> str | None:
    try:
        return normal_mail(str(candidate["mail"]))[1] if candidate.get("mail") else None
    except Refused:
        return None


def _phones(candidate: Mapping[str, Any]) -> list[str]:
    """Last nine digits, as the database keeps them; fewer than six say nothing."""
    found = (re.sub(r"[^0-9]", "", str(candidate.get(name) or ""))[-9:] for name in ("phone", "mobile"))
    return [digits for digits in found if len(digits) >= 6]


def _same_phone(model: Any, phones: list[str], away: frozenset[str]) -> Any:
    """None where no number was given, or none may be known."""
    keys = {"phone": model.phone_key} | ({"mobile": model.mobile_key} if model is Contact else {})
    columns = [column for name, column in keys.items() if name not in away]
    if not phones or not columns:
        return None
    return or_(*(column.in_(phones) for column in columns))
