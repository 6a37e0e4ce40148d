"""The model fitted to the leads, as people use it: too little history, fitted by a worker, read, switched on, seen on leads, list, file and API."""


import pytest
from sqlalchemy import select

from core.base.outbox import Order
from core.leads import actions, features, fitting, model_use
from core.leads.model_models import LeadChance, LeadModel
from tenants import entry
from tests.support.lead_history import fill
from workers import run as runner

PAGE = "/settings/lead-score/model/"


@pytest.fixture
def owner(world):
    return world.browser("owner")


def worked(house, *names):
    """Have a worker do these orders."""
    with entry.enter(house.tenant) as session:
        keys = session.execute(select(Order.id).where(Order.name.in_(names), Order.state == "waiting").order_by(Order.id)).scalars().all()
    return [runner.work(str(key), str(house.tenant.id)) for key in keys]


def test_from_too_little_history_to_a_chance_beside_the_points(world, owner):
    page = owner.get(PAGE).get_data(as_text=True)
    assert "not enough history yet" in page and "Fit a model now" not in page
    assert owner.post(PAGE).status_code == 422
    with world.acme.ctx("owner") as ctx:
        fill(ctx, 400)
        lead = actions.create_lead(ctx, name="Ada Lace", source="Fair", owner_id=world.acme.users["rep"].id).id
    assert "Fit a model now" in owner.get(PAGE).get_data(as_text=True)
    assert owner.post(PAGE).status_code == 303
    assert "A model is being fitted" in owner.get(PAGE).get_data(as_text=True)
    assert worked(world.acme, fitting.FIT) == ["done"]
    page = owner.get(PAGE).get_data(as_text=True)
    with world.acme.ctx("owner") as ctx:
        model = fitting.models(ctx)[0]
        assert model.state == "done" and model.verdict == "better"
    assert "better than the rules" in page and "What it promised, and what came of it" in page and "Fair +" in page
    rep = world.browser("rep")
    assert "usual: " not in rep.get(f"/leads/{lead}").get_data(as_text=True)
    assert owner.post(f"{PAGE}{model.id}/use").status_code == 303
    assert worked(world.acme, model_use.RECHANCE) == ["done"]
    with world.acme.ctx("owner") as ctx:
        chance = ctx.session.execute(select(LeadChance.chance).where(LeadChance.lead_id == lead)).scalar_one()
    whole = rep.get(f"/leads/{lead}").get_data(as_text=True)
    assert f"{chance} %" in whole and "Source: Fair" in whole and "usual: " in whole
    assert f"{chance} %" in rep.get("/leads?q=Ada+Lace&columns=score,chance&sort=-chance").get_data(as_text=True)
    said = world.api("rep").json("GET", f"/api/v1/leads/{lead}/score").json
    assert said["chance"] == chance and said["moved_by"][0]["field"] == "source" and said["moved_by"][0]["points"] > 0
    listed = world.api("rep").json("GET", f"/api/v1/leads?filter[chance][gte]={chance}&sort=-chance").json["data"]
    assert str(lead) in [one["id"] for one in listed]
    assert "Switched on by" in owner.get(PAGE).get_data(as_text=True) and owner.get(f"{PAGE}{model.id}").status_code == 200
    assert rep.get(PAGE).status_code == 403 and rep.post(f"{PAGE}off").status_code == 403
    assert owner.post(f"{PAGE}off").status_code == 303 and worked(world.acme, model_use.RECHANCE) == ["done"]
    assert "usual: " not in rep.get(f"/leads/{lead}").get_data(as_text=True)


def test_a_change_of_a_lead_and_the_night_ask_the_model_anew(world):
    """Seen failing without the call in the jobs: a new lead had no chance."""
    house = world.globex
    with house.ctx("owner") as ctx:
        fill(ctx, 400)
        fitting.start(ctx)
    assert worked(house, fitting.FIT) == ["done"]
    with house.ctx("owner") as ctx:
        model_use.switch_on(ctx, fitting.models(ctx)[0])
    assert worked(house, model_use.RECHANCE) == ["done"]
    with house.ctx("owner") as ctx:
        lead = actions.create_lead(ctx, name="Bo Berg", source="Web").id
    assert set(worked(house, "leads.score")) == {"done"}
    with house.ctx("owner") as ctx:
        assert ctx.session.execute(select(LeadChance.chance).where(LeadChance.lead_id == lead)).scalar_one() < 40
        model_use.switch_off(ctx)


def test_a_model_that_is_worse_says_why_on_its_own_page_too(world, owner):
    figures = {"right": 0.6, "brier": 0.2, "top": 0.6, "of": 0.4, "bins": []}
    plain = {"weights": [[-0.2, 0.0, 0.4]], "usual": [0.1], "intercept": -0.5, "map": [1.0, 0.0], "strength": 0.1}
    with world.acme.ctx("owner") as ctx:
        worse = LeadModel(
            state="done", verdict="worse_order", closed=200, converted=80, share=100, finished_at=ctx.now, model=features.kept([features.Looked("source", ("Fair",))], plain),
            report={"model": figures, "rules": figures | {"right": 0.7}, "average": {"brier": 0.24}, "older": 140},
        )
        ctx.session.add(worse)
        ctx.session.flush()
        key = worse.id
    page = owner.get(f"{PAGE}{key}").get_data(as_text=True)
    assert "into a better order than this model" in page and "Switch it on" not in page
