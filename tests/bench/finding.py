"""What is found when people type as they do: sixty questions with the one record that each is about. How many are found at all,
how many among the first five, and how long one search over all rooms takes beside its own statement sent bare."""

from tests.bench.figures import Aim, race
from tests.bench.pages import FLOOR
from tests.bench.requests import recorded
from tests.support.finding import ASKED, furnish, place_of


def measure(ground, subject) -> None:
    with ground.big.ctx("owner") as ctx:
        keys = furnish(ctx)
    found, first = {}, {}
    for kind, typed, name in ASKED:
        with ground.big.ctx("owner") as ctx:
            place = place_of(ctx, typed, keys[name])
        found.setdefault(kind, []).append(place is not None)
        first.setdefault(kind, []).append(place is not None and place < 5)
        if place is None:
            subject.note(f"{typed!r} does not find {name} ({kind})")
    hits = [one for many in found.values() for one in many]
    assert len(ASKED) == 60, len(ASKED)
    subject.add("global search: found among eight", 100 * sum(hits) / len(hits), "%", aim=Aim(least=90))
    subject.add("  among the first five", 100 * sum(one for many in first.values() for one in many) / len(hits), "%")
    for kind, many in found.items():
        subject.add(f"  {kind}", 100 * sum(many) / len(many), "%")
    for kind in found:
        timed(ground, subject, f"global search: {kind}", next(typed for of, typed, _ in ASKED if of == kind))


def timed(ground, subject, name: str, typed: str) -> None:
    from core.search.queries import everything

    def ours():
        with ground.big.ctx("owner") as ctx:
            return everything(ctx, typed)

    ours()
    with recorded() as statements:
        ours()
    bare = statements.reads()
    value, floor = race(ground.size(60), ours, lambda: bare.replay(ground.floor))
    subject.add(name, value, "ms", floor=floor, floor_is=FLOOR, aim=Aim(most=25))
