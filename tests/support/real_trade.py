"""A workspace filled from real files by the product's own door for programs, its workers reading them: accounts, products and the 8,800 deals
of `crm-maven-sales`, customers, products and suppliers (as leads of a fair) of `orders-northwind`. What the sums must be is counted here from the files, by no code of ours."""

import csv
import io
import time
from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import update

from core.deals import pipelines, staging
from core.identity.models import Role, User
from core.parties.models import Account
from core.products import arranging
from tests.support.world import CAST, House, World

FAIR = "Food fair"


class RealTrade(House):
    """agents: name -> key of the user, who is one of `users` too. imports: file -> what the product said about its import."""

    def __init__(self, app, data):
        super().__init__(f"real-{uuid4().hex[:6]}", CAST | {"mia": "marketing"}, currency="USD")
        self.app, self.maven, self.northwind = app, data / "crm-maven-sales", data / "orders-northwind"
        self.imports: dict[str, dict] = {}
        self.agents = self._furnish()
        self._fill()

    def _furnish(self):
        """What a file does not bring: the people, two more stages, the categories of Northwind."""
        with self.ctx() as ctx:
            names = sorted({row["sales_agent"] for row in self.rows})
            people = {name: User(mail=f"a{n}@real.example", mail_norm=f"a{n}@real.example", name=name, role=ctx.session.get_one(Role, self.users["rep"].role_id), state="active") for n, name in enumerate(names)}
            ctx.session.add_all(people.values())
            for name in ("Prospecting", "Engaging"):
                staging.add_stage(ctx, pipelines.ways(ctx)[0].row, name=name)
            for name in self.categories.values():
                arranging.add_category(ctx, name=name)
            ctx.session.flush()
            self.users |= people
            return {name: user.id for name, user in people.items()}

    def _fill(self):
        """All that stands by itself at once, then the deals, which name accounts and products."""
        catalogue = [{"code": row["product"], "name": row["product"], "price": row["sales_price"]} for row in read(self.maven / "products.csv")]
        named = [{**row, "category": self.categories[row["category_id"]]} for row in self.products]
        self.wait_for(
            self.bring("accounts", "accounts.csv", (self.maven / "accounts.csv").read_bytes(), scale=1_000_000), self.bring("accounts", "customers.csv", (self.northwind / "customers.csv").read_bytes()),
            self.bring("products", "products.csv", written(catalogue)),
            self.bring("products", "northwind.csv", written([{name: row[name] for name in ("product_id", "product_name", "quantity_per_unit", "unit_price", "category")} for row in named])),
            self.bring("leads", "suppliers.csv", written([lead_of(row) for row in self.suppliers])),
        )
        with self.ctx() as ctx:  # no file says whose they are: they lie in the pool, for all agents
            ctx.session.execute(update(Account).values(owner_id=None))
        self.wait_for(self.bring("deals", "sales_pipeline.csv", (self.maven / "sales_pipeline.csv").read_bytes()))

    def bring(self, kind, name, content, **params):
        """A file in by API; returns its name and key."""
        answer = self.api.client.post(f"/api/v1/imports?{urlencode({'kind': kind, 'name': name, 'dry_run': 'false', **params})}", data=content, content_type="text/csv", base_url=f"http://{self.host}")
        assert answer.status_code == 201, answer.text
        return name, answer.json["id"]

    def wait_for(self, *brought):
        """Until the workers have read them."""
        until = time.monotonic() + 90
        for name, key in brought:
            while (one := self.api.get(f"/api/v1/imports/{key}").json)["state"] not in ("done", "failed", "checked", "stopped"):
                assert time.monotonic() < until, one
                time.sleep(0.1)
            assert one["state"] == "done", one
            self.imports[name] = one

    def said(self, name):
        """What was noted about the rows of a file."""
        return self.api.get(f"/api/v1/imports/{self.imports[name]['id']}/problems").json["data"]

    def all_of(self, path):
        """Every page of a list of the API."""
        found, cursor = [], ""
        while cursor is not None:
            answer = self.api.get(path + (f"&cursor={cursor}" if cursor else "")).json
            found, cursor = [*found, *answer["data"]], answer["next_cursor"]
        return found

    @cached_property
    def api(self):
        return World.of(self.app, self).api("owner")

    @cached_property
    def rows(self):
        """The deals as their file has them."""
        return read(self.maven / "sales_pipeline.csv")

    @cached_property
    def products(self):
        return read(self.northwind / "products.csv")

    @cached_property
    def customers(self):
        return read(self.northwind / "customers.csv")

    @cached_property
    def suppliers(self):
        return read(self.northwind / "suppliers.csv")

    @cached_property
    def categories(self):
        return {row["category_id"]: row["category_name"] for row in read(self.northwind / "categories.csv")}

    @cached_property
    def won(self):
        """What each agent has won."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.rows:
            if row["deal_stage"] == "Won":
                found[row["sales_agent"]] += Decimal(row["close_value"])
        return dict(found)


def lead_of(supplier):
    """A supplier of Northwind, as marketing met him at a fair."""
    return {"name": supplier["contact_name"], "company": supplier["company_name"], "job title": supplier["contact_title"], **{name: supplier[name] for name in ("city", "country", "phone")}, "source": "Fair", "campaign": FAIR}


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
