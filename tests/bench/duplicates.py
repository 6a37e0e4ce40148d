"""How well the one call finds duplicates on sets of real records with known truth, and how long it takes among 100,000."""

import csv
import os
import random
import time
from pathlib import Path

import yaml

from tests.bench.figures import Aim, race
from tests.bench.fill import analyse
from tests.bench.ground import say
from tests.support import people_sets
from tests.support.world import House


def measure(ground, subject) -> None:
    data = Path(os.environ.get("TENDERO_DATA", "../shared/data"))
    for name, people, asked, aim in sets(data):
        people = people_sets.fewer(people, 10) if ground.quick else people
        measure_set(ground, subject, name, people, asked, Aim() if ground.quick else aim)
    house = ground.big
    with house.ctx() as ctx:
        from core.parties.duplicates import likely_duplicates, likely_for_many

        names = ["Karin Lindqvist", "Иван Петров", "Maria Garcia", "John Smith", "Müller"]
        subject.add("one question among many contacts", race(5, lambda: [likely_duplicates(ctx, {"type": "contact", "name": name, "mail": "x@y.example"}) for name in names])[0].median / len(names), "ms")
        subject.add("200 questions at once", race(2, lambda: likely_for_many(ctx, "contact", [{"name": f"{name} {n}"} for n in range(40) for name in names]), warm=0)[0], "ms")
    known = people_sets.febrl(data / "dedupe-febrl/dataset4a.csv")
    rows = list(known.rows.values())[: ground.size(5000)]
    started = time.monotonic()
    with house.ctx() as ctx:
        likely_for_many(ctx, "contact", rows)
    subject.add("20,000 rows of an import compared with many contacts", (time.monotonic() - started) * 20_000 / len(rows), "s", aim=Aim(most=30))


def sets(data: Path) -> tuple:
    """(name, its rows, which rows are asked of, aim). What `core.parties.likeness` says of which were looked at holds here."""
    return (
        ("febrl dataset1", people_sets.febrl(data / "dedupe-febrl/dataset1.csv"), "", Aim(least=0.90)),
        ("febrl 4a against 4b, never looked at", people_sets.febrl(data / "dedupe-febrl/dataset4a.csv", data / "dedupe-febrl/dataset4b.csv"), "-dup-", Aim()),
        ("splink fake1000", people_sets.splink(data / "dedupe-splink-fake1000/fake_1000.csv"), "", Aim()),
        ("chicago sites", people_sets.chicago(data / "dedupe-chicago-sites/sites_with_true_ids.csv"), "", Aim()),
        ("company names, legal form changed", companies(data / "company-names"), "-dup-", Aim()),
    )


def measure_set(ground, subject, name: str, people: people_sets.People, asked: str, aim: Aim) -> None:
    """The rows in a house of their own, with statistics as autovacuum would have made them by then."""
    house, started = House(f"dup-{random.randrange(16**6):06x}"), time.monotonic()
    with house.ctx() as ctx:
        keys = people_sets.put_in(ctx, people)
    analyse(ground, house)
    with house.ctx() as ctx:
        found = people_sets.named(ctx, people, keys, [one for one in people.rows if asked in one], told=lambda done, of: say(f"  {name}: {done} of {of} asked, {time.monotonic() - started:.0f} s"))
    whole = people_sets.score(found, people.true)
    subject.add(f"{name}: F1", whole.f1, "", aim=aim)
    subject.add("  precision", whole.precision, "")
    subject.add("  recall", whole.recall, "")
    for said, odd in (("even half, thought out on", False), ("odd half, held out from now on", True)):
        part = people_sets.score(people_sets.half(found, odd=odd), people_sets.half(people.true, odd=odd))
        subject.add(f"  F1 of the {said}", part.f1, "")


def companies(folder: Path) -> people_sets.People:
    """Each of 400 company names, and once more with another spelling of a legal form behind its bare name."""
    spellings = [alias for group in yaml.safe_load((folder / "org_types.yml").read_text(encoding="utf-8"))["types"] for alias in group.get("aliases", []) if alias.isascii() and len(alias) < 40]
    chance, rows, groups = random.Random(7), {}, []
    names = [row[0] for row in csv.reader((folder / "companies.csv").open(encoding="utf-8", newline=""), delimiter=";") if row]
    from core.parties.naming import bare_form

    for number, name in enumerate(chance.sample(sorted(set(names)), 400)):
        for kind, called in (("org", name), ("dup-0", f"{bare_form(name)} {chance.choice(spellings)}")):
            rows[f"rec-{number}-{kind}"] = {"name": called}
            groups.append((str(number), f"rec-{number}-{kind}"))
    return people_sets.People("account", rows, people_sets._pairs(groups))
