"""Who has the skills that a lead asks for: its language, what it is interested in."""

from collections.abc import Collection, Sequence
from uuid import UUID

from core.base.context import Context
from core.leads.models import Lead
from core.skills.queries import catalogue_for, skills_of
from core.skills.rules import Catalogue, asked_for, speaking, suited


def suiting(ours: Context, leads: Sequence[Lead], people: Collection[UUID], *, by_language: bool, by_product: bool) -> dict[UUID, Collection[UUID]]:
    """lead -> who of these people may get it: all of them where nothing is asked for, or where the lead does not say what it needs."""
    if not by_language and not by_product:
        return dict.fromkeys((lead.id for lead in leads), people)
    theirs = skills_of(ours, people)
    catalogue = catalogue_for(ours, [lead.interest for lead in leads]) if by_product else Catalogue()
    found: dict[UUID, Collection[UUID]] = {}
    for lead in leads:
        speak = speaking(theirs, lead.language) if by_language else None
        know = suited(theirs, asked_for(catalogue, lead.interest, lead.message)) if by_product else None
        found[lead.id] = {key for key in people if (speak is None or key in speak) and (know is None or key in know)}
    return found
