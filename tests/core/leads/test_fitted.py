"""A model fitted to what became of the workspace's leads: what it learns from, what it must not know, when it is used and when not."""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from core.base.errors import Forbidden, Refused
from core.custom_fields import actions as own
from core.leads import actions, chances, fitting, model_use, queries, scoring
from core.leads.came import as_they_came
from core.leads.model_models import LeadChance, LeadModel, LeadModelUse
from core.leads.models import Lead
from core.views.filtering import Filters
from infra.fitting import calling
from tests.support.lead_history import door_of, fill

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def known():
    """What the child made of a table: the same table is fitted once for all of these tests."""
    return {}


@pytest.fixture(autouse=True)
def once(known, monkeypatch):
    real = calling.fit

    def fit(table, **rest):
        key = json.dumps(table)
        if key not in known:
            known[key] = real(table, **rest)
        return known[key]

    monkeypatch.setattr(calling, "fit", fit)
    return real


@pytest.fixture
def history(ctx):
    """A workspace with 600 leads that have ended: those of the fair were converted three times as often."""
    fill(ctx, 600)
    return ctx


@pytest.fixture
def model(history):
    return fitted(history)


def fitted(ctx):
    run = fitting.start(ctx)
    fitting.fit_one(door_of(ctx), run.id, run.round)
    ctx.session.refresh(run)
    return run


def test_a_model_is_fitted_compared_with_the_rules_and_used_once_somebody_says_so(history, model):
    ctx = history
    assert (model.state, model.verdict, model.closed) == ("done", "better", 600) and model.report["older"] == 420
    assert model.report["model"]["right"] > model.report["rules"]["right"] and model.report["model"]["brier"] < model.report["average"]["brier"]
    fair, web = (actions.create_lead(ctx, name=name, source=source) for name, source in (("Ada", "Fair"), ("Bo", "Web")))
    ctx.session.flush()
    assert chances.refresh(ctx) == 0 and chances.chance_of(ctx, fair) is None, "never silent: nobody has switched it on"
    model_use.switch_on(ctx, model)
    chances.refresh(ctx)
    better, worse = chances.chance_of(ctx, fair), chances.chance_of(ctx, web)
    assert better.chance > better.usual > worse.chance
    assert (better.reasons[0].label, better.reasons[0].value) == ("Source", "Fair") and better.reasons[0].points > 0 > worse.reasons[0].points
    rows = queries.leads(ctx, Filters(where=(("chance", "gte", str(better.chance)),)), sort="-chance", chosen=("chance",)).rows
    assert rows[0].chance == better.chance and web.id not in {row.id for row in rows}
    model_use.switch_off(ctx)
    assert chances.refresh(ctx) == 0 and chances.chance_of(ctx, fair) is None


def test_the_same_history_gives_the_same_model(history, model, once):
    numbers = fitting.gather(history).numbers
    assert once(numbers)["report"] == {name: figures for name, figures in model.report.items() if name not in ("older", "compared")}


def test_what_is_stored_is_plain_and_says_nothing_that_fewer_than_ten_leads_share(ctx):
    fill(ctx, 400, city=lambda number: "Nine of them" if number < 9 else "Thirty of them" if number < 39 else None)
    run = fitted(ctx)
    said = str(run.model) + str(run.report)
    assert "Thirty of them" in said and "Nine of them" not in said
    assert not any(word in said for word in ("Lead 1", "@", "Company 1", "+49"))


def test_nothing_that_was_written_later_is_known(ctx):
    """Whoever works on a lead writes what tells how it ends. Seen failing without `came`: the model was right in 100 of 100."""
    keys = fill(ctx, 400, told=False)
    won = set(ctx.session.execute(select(Lead.id).where(Lead.state == "converted", Lead.id.in_(keys))).scalars())
    ctx.session.execute(update(Lead).where(Lead.id.in_(won)).values(city="Sold", job_title="Buyer", touches=9, interest="Everything", company="Won"))
    run = fitted(ctx)
    assert run.report["model"]["right"] < 0.65 and run.report["rules"]["right"] < 0.65
    assert "Sold" not in str(run.model)


def test_who_came_again_on_the_first_day_counts_later_does_not(ctx):
    first, later = (actions.create_lead(ctx, name=name) for name in ("Ada", "Bo"))
    ctx.session.flush()
    for lead, days in ((first, 0.9), (later, 1.1)):
        ctx.session.execute(update(Lead).where(Lead.id == lead.id).values(created_at=ctx.now - timedelta(days=days)))
        ctx.session.execute(update(Lead).where(Lead.id == lead.id).values(touches=3))
    came = as_they_came(Lead.id.in_([first.id, later.id]))
    assert {row.name: row.touches for row in ctx.session.execute(select(came.c.name, came.c.touches))} == {"Ada": 3, "Bo": 1}


def test_too_few_are_refused_with_how_many_are_missing(ctx):
    fill(ctx, 150)
    found = fitting.enough(ctx)
    assert found.missing["closed"] == 200 - found.closed
    with pytest.raises(Refused) as refused:
        fitting.start(ctx)
    assert refused.value.code == "lead_model_too_few" and fitting.refit(ctx) is None


def test_one_that_is_worse_than_the_rules_is_shown_and_not_used(ctx):
    """The rules know something here that no model may look at: who each lead is."""
    fill(ctx, 400, told=False, names=True)
    scoring.save_rule(ctx, None, name="Oracle", kind="condition", points=50, conditions=[["external_id", "contains", "won"]])
    run = fitted(ctx)
    assert (run.state, run.verdict) == ("done", "worse_order") and run.report["rules"]["right"] > 0.9
    with pytest.raises(Refused) as refused:
        model_use.switch_on(ctx, run)
    assert refused.value.code == "lead_model_worse_order" and model_use.used(ctx) is None


def test_a_refit_that_is_worse_does_not_replace_and_one_that_is_better_does(history, model):
    ctx = history
    model_use.switch_on(ctx, model)
    again = fitted(ctx)
    assert model_use.used(ctx).id == again.id, "no worse: it takes the place"
    assert [(use.model_id, use.ended_by) for use in model_use.uses(ctx)] == [(again.id, None), (model.id, "refit")]
    worse = fitting.start(ctx)
    table = fitting.gather(ctx)
    table.numbers["rows"] = [[0] * len(row) for row in table.numbers["rows"]]
    fitting._keep(ctx, worse, table, calling.fit(table.numbers))
    assert worse.state == "done" and not model_use.takes_over(worse) and model_use.used(ctx).id == again.id


def test_one_that_was_compared_with_another_or_with_none_takes_nobodys_place(history, model):
    ctx = history
    run = fitting.start(ctx)
    table = fitting.gather(ctx)
    model_use.switch_on(ctx, model)  # somebody switches one on meanwhile
    fitting._keep(ctx, run, table, calling.fit(table.numbers))
    assert run.state == "done" and model_use.takes_over(run) and model_use.used(ctx).id == model.id


def test_of_a_lead_that_has_ended_there_stays_what_was_said_last(history, model):
    ctx = history
    lead, open_ = (actions.create_lead(ctx, name=name, source="Fair") for name in ("Ada", "Bo"))
    ctx.session.flush()
    model_use.switch_on(ctx, model)
    chances.refresh(ctx)
    before = chances.chance_of(ctx, lead)
    lead.state, lead.reason = "disqualified", "no_budget"
    ctx.session.flush()
    assert fitted(ctx).id == model_use.used(ctx).id != model.id
    chances.refresh(ctx)
    assert before is not None and chances.chance_of(ctx, lead).chance == before.chance and chances.chance_of(ctx, open_) is not None


def test_two_who_switch_at_once_do_so_one_after_the_other(world):
    with world.acme.ctx() as ctx:
        ctx.session.add_all(LeadModel(round=1, state="done", verdict="better", report={}, model={}, closed=1, finished_at=ctx.now) for _ in range(2))
        ctx.session.flush()
        keys = [one.id for one in ctx.session.execute(select(LeadModel)).scalars()][:2]

    def switch(key):
        with world.acme.ctx() as ctx:
            model_use.switch_on(ctx, ctx.session.get_one(LeadModel, key))
            gate.wait(5)
            return True

    gate = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(switch, key) for key in keys]
        time.sleep(0.3)
        gate.set()
        assert [one.result(20) for one in both] == [True, True]
    with world.acme.ctx() as ctx:
        assert {use.ended_by for use in model_use.uses(ctx)} == {None, "switched_to"}


@pytest.mark.parametrize(("verdict", "model", "rules", "average"), [
    ("better", (0.7, 0.1), (0.6, 0.11), 0.12), ("worse_order", (0.59, 0.1), (0.6, 0.11), 0.12), ("worse_chance", (0.7, 0.115), (0.6, 0.11), 0.12), ("worse_chance", (0.7, 0.121), (0.6, 0.13), 0.12),
])
def test_what_makes_a_model_worse(verdict, model, rules, average):
    figures = {name: {"right": right, "brier": brier} for name, (right, brier) in (("model", model), ("rules", rules))}
    assert model_use.verdict(figures | {"average": {"brier": average}}) == verdict


def test_only_who_arranges_leads_fits_switches_and_stops(history, model, as_):
    rep = as_("rep")
    for act in (fitting.start, model_use.switch_off, lambda ctx: fitting.cancel(ctx, model), lambda ctx: model_use.switch_on(ctx, model)):
        with pytest.raises(Forbidden):
            act(rep)


def test_two_who_begin_get_one(history):
    assert fitting.start(history).id == fitting.start(history).id


def test_one_that_was_cancelled_keeps_nothing(history):
    ctx = history
    run = fitting.start(ctx)
    fitting.cancel(ctx, run)
    fitting.fit_one(door_of(ctx), run.id, run.round)
    assert (run.state, run.model) == ("cancelled", {})


def test_one_cancelled_while_the_child_works_kills_it(history, once):
    ctx, asked = history, []
    run = fitting.start(ctx)

    def stop(share):
        asked.append(share)
        if len(asked) == 3:
            fitting.cancel(ctx, run)
        return fitting._wanted(door_of(ctx), run.id, run.round, share)

    with pytest.raises(calling.FitFailed) as failed:
        once(fitting.gather(ctx).numbers, wanted=stop)
    assert failed.value.code == "unwanted" and len(asked) == 3 and run.state == "cancelled"


def test_a_child_that_dies_leaves_the_old_model_in_use(history, model, once, monkeypatch):
    ctx = history
    model_use.switch_on(ctx, model)
    monkeypatch.setattr(calling, "START", "import os, sys; sys.stdin.read(); os.kill(os.getpid(), 9)")
    monkeypatch.setattr(calling, "fit", once)
    run = fitting.start(ctx)
    fitting.fit_one(door_of(ctx), run.id, run.round)
    assert (run.state, run.failure) == ("failed", "too_big") and model_use.used(ctx).id == model.id
    other = fitting.start(ctx)
    fitting.end_given_up(ctx, other.id, other.round)
    assert (other.state, other.failure) == ("failed", "broken") and model_use.used(ctx).id == model.id


def test_an_erased_lead_leaves_no_chance(history, model):
    ctx = history
    model_use.switch_on(ctx, model)
    lead = actions.create_lead(ctx, name="Ada", source="Fair")
    ctx.session.flush()
    chances.refresh(ctx, [lead.id])
    assert chances.chance_of(ctx, lead)
    ctx.session.execute(delete(Lead).where(Lead.id == lead.id))
    assert ctx.session.execute(select(LeadChance).where(LeadChance.lead_id == lead.id)).first() is None


@pytest.mark.parametrize("module", ["core.leads.fitting", "workers.jobs.leads", "web.leads.model_settings"])
def test_neither_a_worker_nor_the_web_door_loads_the_library(module):
    """Seen failing with an import in infra/fitting/calling.py."""
    done = subprocess.run([sys.executable, "-c", f"import {module}, sys; assert not {{'sklearn', 'numpy', 'scipy'}} & set(sys.modules)"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_who_used_what_is_in_the_audit(history, model):
    ctx = history
    model_use.switch_on(ctx, model)
    model_use.switch_off(ctx)
    ctx.session.flush()
    use = ctx.session.execute(select(LeadModelUse)).scalar_one()
    assert (use.created_by, use.ended_by, use.ended_user_id) == (ctx.actor.id, "person", ctx.actor.id)
    actions_ = ctx.session.execute(text("SELECT action FROM audit_entry WHERE row_id = :id ORDER BY id"), {"id": use.id}).scalars().all()
    assert actions_ == ["insert", "update"]


def test_a_month_later_it_is_due_again(history, model):
    ctx = history
    assert not fitting.is_due(ctx.session)
    ctx.session.execute(update(LeadModel).values(created_at=ctx.now - timedelta(days=31)))
    assert fitting.is_due(ctx.session)


def test_of_a_hidden_field_a_reader_learns_only_that_there_is_one(history, model):
    ctx = history
    model_use.switch_on(ctx, model)
    lead = actions.create_lead(ctx, name="Ada", source="Fair")
    ctx.session.flush()
    chances.refresh(ctx, [lead.id])
    seen = chances.chance_of(ctx, lead)
    blind = replace(ctx, actor=replace(ctx.actor, hidden=frozenset({"leads.source"})))
    told = chances.chance_of(blind, lead)
    assert (told.chance, [one.points for one in told.reasons]) == (seen.chance, [one.points for one in seen.reasons])
    assert (told.reasons[0].field, told.reasons[0].label, told.reasons[0].value) == (None, "A field that you don't see", "") and seen.reasons[0].value == "Fair"


def test_own_fields_count_for_model_and_rules_unless_they_are_personal(ctx):
    for label, personal in (("Size", False), ("Illness", True)):
        own.create_field(ctx, room="leads", kind="choice", label=label, options=[{"label": "Big"}, {"label": "Small"}], is_personal=personal)
    own.create_field(ctx, room="leads", kind="whole", label="Shops")
    fill(ctx, 400, told=False, custom=lambda won, number: {"size": "big" if won else "small", "illness": "big" if won else "small", "shops": number % 40})
    for rule in scoring.rules(ctx):
        scoring.delete_rule(ctx, rule)
    ctx.session.flush()
    rule = scoring.save_rule(ctx, None, name="Big", kind="condition", points=20, conditions=[["custom.size", "eq", "big"]])
    numbers = fitting.gather(ctx).numbers
    assert numbers["rivals"]["rules"] == [20 * won for won in numbers["outcomes"]]
    scoring.delete_rule(ctx, rule)
    ctx.session.flush()
    run = fitted(ctx)
    looks = {one["field"]: one for one in run.model["fields"]}
    assert run.verdict == "better" and "custom.size" in looks and "custom.illness" not in looks and len(looks["custom.shops"]["edges"]) == 3
    lead = actions.create_lead(ctx, name="Ada", **{"custom.size": "big"})
    ctx.session.flush()
    model_use.switch_on(ctx, run)
    chances.refresh(ctx, [lead.id])
    why = chances.chance_of(ctx, lead).reasons[0]
    assert (why.label, why.value) == ("Size", "Big")
