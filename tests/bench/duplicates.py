"""How well the one call finds duplicates on sets of real records with known truth, and how long it takes among 100,000."""

import csv
import os
import random
from pathlib import Path

import yaml

from tests.bench.figures import Aim, race
from tests.support import people_sets
from tests.support.world import House


def measure(ground, subject) -> None:
    data = Path(os.environ.get("TENDERO_DATA", "../shared/data"))
    for name, people, asked, aim in (
        ("febrl dataset1", people_sets.febrl(data / "dedupe-febrl/dataset1.csv"), None, Aim(least=0.90)),
        ("febrl 4a against 4b", people_sets.febrl(data / "dedupe-febrl/dataset4a.csv", data / "dedupe-febrl/dataset4b.csv"), "-dup-", Aim()),
        ("splink fake1000", people_sets.splink(data / "dedupe-splink-fake1000/fake_1000.csv"), None, Aim()),
        ("chicago sites", people_sets.chicago(data / "dedupe-chicago-sites/sites_with_true_ids.csv"), None, Aim()),
        ("company names, legal form changed", companies(data / "company-names"), "-dup-", Aim()),
    ):
        house = House(f"dup-{random.randrange(16**6):06x}")
        with house.ctx() as ctx:
            keys = people_sets.put_in(ctx, people)
        with house.ctx() as ctx:
            score = people_sets.measured(ctx, people, keys, None if asked is None else [one for one in people.rows if asked in one])
        subject.add(f"{name}: F1", score.f1, "", aim=aim)
        subject.add("  precision", score.precision, "")
        subject.add("  recall", score.recall, "")
    house = ground.big
    with house.ctx() as ctx:
        from core.parties.duplicates import likely_duplicates, likely_for_many

        names = ["Karin Lindqvist", "Иван Петров", "Maria Garcia", "John Smith", "Müller"]
        subject.add("one question among many contacts", race(5, lambda: [likely_duplicates(ctx, {"type": "contact", "name": name, "mail": "x@y.example"}) for name in names])[0], "ms for 5")
        subject.add("200 questions at once", race(2, lambda: likely_for_many(ctx, "contact", [{"name": f"{name} {n}"} for n in range(40) for name in names]), warm=0)[0], "ms")


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
