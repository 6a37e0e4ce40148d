"""The contact log in lists of many: last and next contact shown, filtered, grouped, and sorted by over everything."""

from tests.bench.figures import Aim
from tests.bench.pages import look
from tests.bench.requests import Visitor

SHOWN = "columns=last_contact,last_contact_kind,next_contact,next_contact_kind"


def measure(ground, subject) -> None:
    owner = Visitor.signed_in(ground.app, ground.big, "owner")
    for room in ("accounts", "contacts"):
        for what, query, most in (
            ("shown", SHOWN, 15), ("no contact for 90 days", f"{SHOWN}&filter[last_contact][older]=90", 30), ("nothing planned", f"{SHOWN}&filter[next_contact][null]=true", 30),
            ("due this week", f"{SHOWN}&filter[next_contact][next]=7", None), ("sorted by last contact", f"{SHOWN}&sort=last_contact", None), ("sorted by next contact", f"{SHOWN}&sort=next_contact", None),
        ):
            look(ground, subject, owner, f"{room}, contact log: {what}", f"/{room}?{query}", Aim(most=most))
