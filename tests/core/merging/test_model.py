"""Random merges, edits and undos against a small model: after everything is taken back, each child that nobody touched hangs
where it hung, and each record has the values that it had or was given since."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from core.base.errors import Refused
from core.merging import queries, running, undoing
from core.parties import actions
from core.parties.models import Account, Contact

STEPS = st.lists(st.one_of(
    st.tuples(st.just("merge"), st.lists(st.integers(0, 4), min_size=2, max_size=3, unique=True)), st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("edit"), st.integers(0, 4), st.sampled_from(["Ulm", "Kiel", None])), st.tuples(st.just("move"), st.integers(0, 5), st.integers(0, 4)),
), min_size=1, max_size=8)


class Model:
    """owner of each child, where it is now, and which merges stand."""

    def __init__(self, ctx):
        self.keys = [actions.create_account(ctx, name=f"M {n}", city=f"City {n}").id for n in range(5)]
        self.children = [actions.create_contact(ctx, name=f"C {n}", account_id=self.keys[n % 5]).id for n in range(6)]
        ctx.session.flush()
        self.at = {child: self.keys[n % 5] for n, child in enumerate(self.children)}
        self.city = {key: f"City {n}" for n, key in enumerate(self.keys)}
        self.gone: dict = {}
        self.runs: list = []

    def merge(self, ctx, numbers):
        keys = [self.keys[n] for n in numbers]
        try:
            with ctx.session.begin_nested():
                run = running.merge(ctx, "account", keys[0], keys[1:])
        except Refused as refusal:
            assert refusal.code == "merge_gone" and any(key in self.gone for key in keys)
            return
        assert not any(key in self.gone for key in keys)
        moved = {child: key for child, key in self.at.items() if key in keys[1:]}
        before, filled = self.city[keys[0]], self.city[keys[0]] or next((self.city[key] for key in keys[1:] if self.city[key]), None)
        self.city[keys[0]] = filled
        self.at |= dict.fromkeys(moved, keys[0])
        self.gone |= dict.fromkeys(keys[1:], keys[0])
        self.runs.append((run.id, keys, moved, (before, filled)))

    def undo(self, ctx, n):
        if n >= len(self.runs):
            return
        run_id, keys, moved, (before, filled) = self.runs[n]
        try:
            with ctx.session.begin_nested():
                undoing.undo(ctx, queries.one(ctx, run_id))
        except Refused as refusal:
            assert refusal.code == "merge_survivor_merged" and keys[0] in self.gone
            return
        assert keys[0] not in self.gone
        self.runs.pop(n)
        self.at |= {child: key for child, key in moved.items() if self.at[child] == keys[0]}
        if before != filled and self.city[keys[0]] == filled:
            self.city[keys[0]] = before
        for key in keys[1:]:
            del self.gone[key]

    def edit(self, ctx, n, city):
        key = self.keys[n]
        if key not in self.gone:
            actions.edit_account(ctx, ctx.session.get(Account, key), city=city)
            self.city[key] = city

    def move(self, ctx, child, n):
        key = self.keys[n]
        if key not in self.gone:
            ctx.session.execute(update(Contact).where(Contact.id == self.children[child]).values(account_id=key))
            self.at[self.children[child]] = key

    def check(self, ctx):
        ctx.session.expire_all()
        assert {child: ctx.session.get(Contact, child).account_id for child in self.children} == self.at
        for key in self.keys:
            account = ctx.session.get(Account, key)
            assert (account.merged_into, account.deleted_at is not None, account.city) == (self.gone.get(key), key in self.gone, self.city[key])


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_random_merges_edits_and_undos_agree_with_the_model(house, steps):
    class Enough(Exception):
        """Nothing of an example is kept."""

    try:
        with house.ctx() as ctx:
            model = Model(ctx)
            for name, *values in steps:
                getattr(model, name)(ctx, *values)
                model.check(ctx)
            for _ in range(len(model.runs)):
                model.undo(ctx, len(model.runs) - 1)
                model.check(ctx)
            assert model.gone == {}
            raise Enough
    except Enough:
        pass
