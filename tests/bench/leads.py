"""Leads: 10,000 of them scored by the five rules that a workspace begins with, all at once and one by one; the list, sorted by the score,
and a lead's page with who is known already; a model fitted to 10,000 that have ended, and 10,000 open ones asked about by it."""

import resource

from psycopg import sql

from core.leads import chances, fitting, model_use, scoring
from core.leads.model_models import LeadChance
from infra.fitting import calling
from tests.bench.figures import Aim, race
from tests.bench.fill import analyse
from tests.bench.pages import look
from tests.bench.requests import Visitor

LEADS = 10_000
FILL = """INSERT INTO lead (name, company, mail, mail_norm, phone, city, country, interest, source, campaign, touches, owner_id, state_since, created_at)
          SELECT 'Bench lead ' || n, CASE WHEN n %% 3 > 0 THEN 'Company ' || n END, 'l' || n || CASE WHEN n %% 4 = 0 THEN '@gmail.com' ELSE '@lead.example' END,
                 'l' || n || CASE WHEN n %% 4 = 0 THEN '@gmail.com' ELSE '@lead.example' END, CASE WHEN n %% 2 = 0 THEN '+49 40 ' || n END, 'Kiel', 'DE',
                 CASE WHEN n %% 5 > 0 THEN 'Trays' END, 'form', 'Spring', 1 + n %% 3, (SELECT id FROM app_user ORDER BY id LIMIT 1), now(), now() - n %% 90 * interval '1 day'
          FROM generate_series(1, %(leads)s) n"""

ENDED = """INSERT INTO lead (name, company, mail, mail_norm, phone, city, country, interest, source, campaign, state, reason, converted_at, state_since, created_at)
           SELECT 'Ended lead ' || n, CASE WHEN n %% 3 > 0 THEN 'Company ' || n END, 'e' || n || '@lead.example', 'e' || n || '@lead.example', CASE WHEN n %% 2 = 0 THEN '+49 41 ' || n END,
                  'City ' || n %% 300, (ARRAY['DE', 'FR', 'CN', 'US'])[1 + n %% 4], CASE WHEN n %% 5 > 0 THEN 'Interest ' || n %% 20 END, (ARRAY['form', 'Fair', 'Partner'])[1 + n %% 3], 'Campaign ' || n %% 50,
                  CASE WHEN won THEN 'converted' ELSE 'disqualified' END, CASE WHEN NOT won THEN 'no_need' END, CASE WHEN won THEN now() END, now(), now() - (%(leads)s - n) * interval '1 hour'
           FROM (SELECT n, hashint8(n) %% 100 + 100 < 80 + 30 * (n %% 3) AS won FROM generate_series(1, %(leads)s) n) drawn"""


def measure(ground, subject) -> None:
    house = ground.big
    with ground.hurry(), ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        connection.execute(FILL, {"leads": ground.size(LEADS)})
        lead = connection.execute("SELECT id FROM lead ORDER BY id LIMIT 1").fetchone()[0]
    analyse(ground, house)

    def score_all() -> None:
        with house.ctx("owner") as ctx:
            ctx.session.execute(scoring.LeadScore.__table__.delete())
            assert scoring.rescore(ctx) >= ground.size(LEADS)

    def again() -> None:
        with house.ctx("owner") as ctx:
            assert scoring.rescore(ctx) == 0

    def one() -> None:
        with house.ctx("owner") as ctx:
            scoring.rescore(ctx, [lead])

    for what, act, rounds in (("all scored for the first time", score_all, 5), ("all scored again, nothing changed", again, 5), ("one scored", one, 100)):
        (ours,) = race(ground.size(rounds), act, warm=1)
        subject.add(what, ours, "ms")
    _fitted(ground, subject, house)
    owner = Visitor.signed_in(ground.app, house, "owner")
    for what, query, most in (("page 1", "", 10), ("by score", "?sort=-score", None), ("searched", "?q=company+1234", 20)):
        look(ground, subject, owner, f"leads: {what}", f"/leads{query}", Aim(most=most))
    look(ground, subject, owner, "a lead", f"/leads/{lead}", Aim(most=20))


def _fitted(ground, subject, house) -> None:
    """A model: what the database gives, what the child makes of it and how much memory that takes, and what it says of all open leads."""
    with ground.hurry(), ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        connection.execute(ENDED, {"leads": ground.size(LEADS)})
    analyse(ground, house)
    with house.ctx("owner") as ctx:
        run = fitting.start(ctx).id

    def gather() -> None:
        with house.ctx("owner") as ctx:
            assert fitting.gather(ctx).closed >= ground.size(LEADS)

    def door():
        return house.ctx("owner")

    def say() -> None:
        with house.ctx("owner") as ctx:
            ctx.session.execute(LeadChance.__table__.delete())
            assert chances.refresh(ctx) >= ground.size(LEADS)

    with house.ctx("owner") as ctx:
        numbers = fitting.gather(ctx).numbers
    for what, act, rounds in (("a model: leads that have ended, as they came", gather, 5), ("a model: fitted in its child", lambda: calling.fit(numbers), 3)):
        (ours,) = race(rounds, act, warm=1)
        subject.add(what, ours, "ms")
    subject.add("  peak memory of the child", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, "MB", aim=Aim(most=400))
    fitting.fit_one(door, run, 1)
    with house.ctx("owner") as ctx:
        model_use.switch_on(ctx, fitting.one_model(ctx, run))
    (ours,) = race(5, say, warm=1)
    subject.add("a model: all open leads asked about", ours, "ms")
