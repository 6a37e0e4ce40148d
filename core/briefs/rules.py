"""What to say next, as a pure rule over what a brief found: nothing is said that no record says, and every word has its reason.

In this order, the most pressing first; of each kind the first few:

1. A promise was not kept: apologise, and say when it comes.
2. A promise falls due within a week: say how it stands.
3. A day of his own or of the company comes within two weeks: think of it.
4. A quote runs out within two weeks: ask for the decision.
5. The next step of a deal is overdue: take it.
6. A quote lies unanswered for ten days: ask what he thinks of it.
7. A deal has no next step: agree on one.
8. A deal was lost, or a quote declined, within 90 days: ask what would have to change.
9. Nothing was heard for 60 days, or nobody ever spoke with him: begin there.
10. His grade asks for money beforehand or for the owner's release: say so before he orders.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from core.briefs.found import Brief, Word

SOON, RUNS_OUT, UNANSWERED, LOST_WITHIN, SILENT = (timedelta(days=count) for count in (7, 14, 10, 90, 60))
EACH, MOST = 2, 8


def with_words(brief: Brief, *, today: date, now: datetime) -> Brief:
    """The brief with what to say."""
    return replace(brief, words=tuple(words_of(brief, today=today, now=now))[:MOST])


def words_of(brief: Brief, *, today: date, now: datetime) -> Iterator[Word]:
    """In the order of the rule; none about a person with whom nobody is to work."""
    if brief.restricted:
        return
    for part in (_broken, _due, _days, _running_out, _overdue, _unanswered, _aimless, _lost, _silence, _money):
        yield from list(part(brief, today, now))[:EACH]


def _broken(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    for one in brief.log.promises if brief.log else ():
        if one.broken:
            yield Word("late_kept" if one.done else "broken", {"what": one.what, "day": one.on, "who": one.who})


def _due(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    for one in brief.log.promises if brief.log else ():
        if not one.broken and not one.done and one.on <= today + SOON:
            yield Word("promised", {"what": one.what, "day": one.on, "who": one.who})


def _days(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    for one in brief.dates:
        if one.birthday:
            yield Word("birthday_age" if one.age else "birthday", {"who": one.name, "day": one.on, **({"age": one.age} if one.age else {})})
        else:
            yield Word("date", {"what": one.label, "day": one.on})


def _running_out(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    for one in sorted((one for one in brief.quotes or () if one.state == "sent" and one.valid_until), key=lambda one: one.valid_until):
        if one.valid_until <= today + RUNS_OUT:
            yield Word("runs_out", {"quote": one.number or one.name, "what": one.name, "day": one.valid_until})


def _overdue(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    for one in brief.deals or ():
        if one.step_on and one.step_on < today:
            yield Word("overdue", {"deal": one.name, "what": one.step or one.name, "day": one.step_on})


def _unanswered(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    for one in brief.quotes or ():
        if one.state == "sent" and one.sent_at and one.sent_at <= now - UNANSWERED and not (one.valid_until and one.valid_until <= today + RUNS_OUT):
            yield Word("unanswered", {"quote": one.number or one.name, "what": one.name, "day": one.sent_at})


def _aimless(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    for one in brief.deals or ():
        if one.step_on is None:
            yield Word("aimless", {"deal": one.name})


def _lost(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    for one in brief.lost or ():
        if one.closed_at and one.closed_at >= now - LOST_WITHIN:
            yield Word("lost", {"deal": one.name, "why": one.why or "", "day": one.closed_at})
    for one in brief.quotes or ():
        if one.state == "declined" and one.closed_at and one.closed_at >= now - LOST_WITHIN:
            yield Word("declined_why" if one.note else "declined", {"quote": one.number or one.name, "day": one.closed_at, **({"why": one.note} if one.note else {})})


def _silence(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    if brief.log is None:
        return
    if not brief.log.talks:
        yield Word("never")
    elif brief.log.talks[0].at <= now - SILENT:
        yield Word("silent", {"day": brief.log.talks[0].at, "days": (now - brief.log.talks[0].at).days})


def _money(brief: Brief, today: date, now: datetime) -> Iterator[Word]:
    if brief.stands and brief.stands.needs_release:
        yield Word("needs_release")
    elif brief.stands and brief.stands.prepaid:
        yield Word("prepaid")
