"""The manager on the 8,800 real deals of `crm-maven-sales`: list, forecast board, forecast table, performance and file say the one won total that
its SOURCE.md says, and of the best agents what it says of them."""

import csv
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from core.deals import pipelines
from core.deals.models import Deal, DealStay
from core.identity.models import User
from tests.support.looking import opened
from tests.support.world import House

TOTAL, BEST = "10,005,534", {"Darcel Schlecht": "1,153,214", "Vicki Laflamme": "478,396", "Kary Hendrixson": "454,298"}
STAGES = {"Prospecting": "new", "Engaging": "qualified", "Won": "won", "Lost": "lost"}


@pytest.fixture(scope="module")
def rows(data):
    with open(data / "crm-maven-sales" / "sales_pipeline.csv", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def house(server, room, rows):
    found = House(f"real-{uuid4().hex[:6]}", currency="USD")
    with found.ctx() as ctx:
        agents = {name: User(mail=f"a{n}@real.example", mail_norm=f"a{n}@real.example", name=name, role_id=found.users["rep"].role_id, state="active") for n, name in enumerate(sorted({row["sales_agent"] for row in rows}))}
        ctx.session.add_all(agents.values())
        ctx.session.flush()
        stages = {one.code: one for one in pipelines.ways(ctx)[0].stages}
        ctx.session.execute(insert(Deal), [_deal(row, agents[row["sales_agent"]].id, stages[STAGES[row["deal_stage"]]]) for row in rows])
        ctx.session.execute(insert(DealStay).from_select(["deal_id", "stage_id", "entered_at"], select(Deal.id, Deal.stage_id, Deal.stage_since)))
    return found


def _deal(row, owner, stage):
    moment = lambda day: datetime.combine(date.fromisoformat(day), time(12), UTC) if day else None  # noqa: E731
    closed = stage.kind != "open"
    return {
        "name": f"{row['product']} {row['opportunity_id']}", "external_id": row["opportunity_id"], "pipeline_id": stage.pipeline_id, "stage_id": stage.id, "state": stage.kind, "owner_id": owner, "currency": "USD",
        "amount": Decimal(row["close_value"]) if row["close_value"] else None, "closes_on": date.fromisoformat(row["close_date"]) if row["close_date"] else None, "source": row["product"],
        "loss_reason": "Not said" if stage.kind == "lost" else None, "stage_since": moment(row["close_date"] or row["engage_date"] or "2017-12-31"), "closed_at": moment(row["close_date"]) if closed else None,
    }


def test_the_manager_reads_one_won_total_everywhere(person, sign_in, house, rows):
    someone = person()
    url = sign_in(someone, house, "manager")
    page = opened(someone, f"{url}/deals?filter[state][eq]=won")
    assert TOTAL in page.locator("tfoot").inner_text()
    page.goto(f"{url}/deals/forecast?period=2017-Q1")
    won = [int(found[1].replace(",", "")) for text in page.locator("section.lane header").all_inner_texts() if (found := re.search(r"Won ([\d,]+)", text))]
    assert f"{sum(won):,}" == TOTAL
    for address in ("/deals/forecast/table?period=2017", "/performance?period=2017"):
        page.goto(url + address)
        lines = {line.locator("th").inner_text().strip(): line.inner_text() for line in page.locator("tbody tr").all()}
        assert TOTAL in next(text for name, text in lines.items() if name == "All together"), address
        for name, amount in BEST.items():
            assert amount in next(text for who, text in lines.items() if who.endswith(name)), (address, name)
    page.goto(f"{url}/performance/records?measure=revenue&period=2017")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    with open(download.value.path(), encoding="utf-8-sig") as file:
        taken = list(csv.DictReader(file))
    each = {name: sum(Decimal(row["Share of the amount"]) for row in taken if row["Who"] == name) for name in BEST}
    assert f"{sum(Decimal(row['Amount']) for row in taken):,.0f}" == TOTAL and len(taken) == sum(row["deal_stage"] == "Won" for row in rows)
    assert {name: f"{amount:,.0f}" for name, amount in each.items()} == BEST
