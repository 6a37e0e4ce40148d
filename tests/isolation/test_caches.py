"""Nothing that a process keeps crosses from one tenant to another (RELIABILITY X18): two tenants whose records have the
same keys, asked in turn in one process; and a list of every cache there is, each with the reason why it is safe."""

import ast
import random
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.identity.models import User
from core.mailings.drafting import draft_mailing
from core.parties import queries
from core.parties.models import Account, Contact
from tenants import registry
from tests.support.world import Browser
from web.api import shell

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 300


@pytest.fixture(scope="module")
def twins(world):
    """Both tenants hold an account, a contact and people of the same keys, each named after its tenant."""
    keys = {"account": uuid4(), "contact": uuid4()}
    for house in (world.acme, world.globex):
        slug = house.tenant.slug
        with house.ctx("owner") as ctx:
            ctx.session.add(Account(id=keys["account"], name=f"Account {slug}", city=slug, tags=[slug]))
            ctx.session.flush()
            ctx.session.add(Contact(id=keys["contact"], name=f"Contact {slug}", account_id=keys["account"], mail=f"c@{slug}.example", mail_norm=f"c@{slug}.example"))
            draft_mailing(ctx, subject="News", body="The same words for both: {{ contact.name }}", tags=[slug])
            ctx.session.execute(text("UPDATE app_user SET name = name || ' ' || :slug"), {"slug": slug})
            assert ctx.session.get(User, ctx.actor.id)
    return keys


@pytest.fixture
def clients(app, world, monkeypatch):
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    return {(house.tenant.slug, kind): Browser(app, house, "owner") if kind == "page" else world.api("owner", house)
            for house in (world.acme, world.globex) for kind in ("page", "api")}


def places(keys):
    """(kind of door, address) of what shows records, people, navigation."""
    account, contact = keys["account"], keys["contact"]
    pages = ("/", "/accounts", f"/accounts/{account}", f"/accounts/{account}/edit", "/contacts", f"/contacts/{contact}", "/palette", "/search?q=account",
             "/accounts/options?q=account", "/settings/profile", "/settings/members", "/settings/workspace/", "/settings/audit/", "/mailings/", "/new")
    calls = ("/me", "/users", "/accounts", f"/accounts/{account}", f"/accounts/{account}/timeline", "/contacts", f"/contacts/{contact}", "/mailings")
    return [*(("page", path) for path in pages), *(("api", f"/api/v1{path}") for path in calls)]


def crossed(world, clients, keys, rounds=ROUNDS):
    """(seed, whose answer, address, status) of every answer that names the other tenant; and how many named their own."""
    slugs, seed, own, found = (world.acme.tenant.slug, world.globex.tenant.slug), random.randrange(10**6), 0, []
    dice, all_places = random.Random(seed), places(keys)
    for n in range(rounds):
        mine, other = slugs if dice.random() < 0.5 else slugs[::-1]
        kind, path = all_places[n % len(all_places)] if n < 2 * len(all_places) else dice.choice(all_places)
        answer = clients[mine, kind].get(path)
        said = answer.get_data(as_text=True).lower()
        own += mine in said
        if other in said or answer.status_code != 200:
            found.append((seed, mine, path, answer.status_code))
    return found, own


def test_two_tenants_with_the_same_keys_never_meet(world, clients, twins):
    found, own = crossed(world, clients, twins)
    assert found == []
    assert own > ROUNDS * 0.8, "most answers name their own tenant, so a wrong one would be seen"


@pytest.mark.parametrize("cache", ["record", "directory"])
def test_a_cache_without_the_tenant_in_its_key_is_seen(world, clients, twins, monkeypatch, cache):
    """Negative control: a record kept by its key alone; the directory kept under one key for all hosts."""
    kept = {}
    if cache == "record":
        one = queries.one_account
        monkeypatch.setattr(queries, "one_account", lambda ctx, key: kept.setdefault(key, one(ctx, key)))
    else:
        cached = registry._cached
        monkeypatch.setattr(registry, "_cached", lambda key, find: cached("host", find))
    found, _ = crossed(world, clients, twins, rounds=80)
    registry.forget()
    assert found


# ---- the list of caches ----

# module.name -> why no tenant's data can be met by another in it.
CODE = "read off the code, the same for everybody"
PROCESS = "a thing of the process, made of its settings"
DECLARED = "filled by declarations while modules are imported"
CACHES = {
    "core.base.hiding.GUARDED": CODE, "core.base.hiding.MIRRORS": CODE, "core.base.hiding.BEHIND": CODE, "core.base.hiding.FACTS": CODE, "core.base.hiding.IMPLIED": CODE, "core.base.hiding.columns_of": "a pure function of names of fields", "core.base.hiding.of_room": "a pure function of names of fields",
    "core.base.batches.batches": "what the rooms declare in code", "core.base.importing.importables": "what the rooms declare in code", "core.skills.rules._languages": "names of languages, read off a library", "core.products.amounts_in._said": "codes and signs of currencies, read off a library",
    "core.custom_fields.fields.ROOMS": DECLARED, "core.views.lists.LISTS": DECLARED, "core.base.registry.collect_children": CODE, "core.base.registry.collect_permissions": CODE, "core.base.registry.collect_record_kinds": CODE,
    "core.base.registry.collect_room_switches": CODE, "core.base.rooms.permissions_off": "a pure function of the names of rooms",
    "core.base.beside.collect_beside": CODE, "core.base.planned.collect_agenda": CODE, "core.base.registry.collect_words": CODE, "core.views.above.collect_made": CODE, "core.base.registry.rooms": CODE, "core.mailings.rules.to_html": "a pure function of its whole argument",
    "infra.places.countries_in_order": "a pure function of its whole argument", "core.identity.networks._parsed": "a pure function of its whole argument", "core.identity.queries.BESIDE": DECLARED, "core.identity.queries._live_sign_in": CODE, "core.identity.queries._live_token": CODE, "core.identity.people._names": CODE, "core.post.letters.letters": CODE, "core.parties.hours._names": CODE, "core.parties.rules._zones": CODE, "core.parties.romanising._mandarin": "readings of signs, off a library", "core.parties.romanising._korean": CODE, "core.transfer.fields.known_words": CODE, "core.transfer.texts._folded": "a pure function of its whole argument", "core.transfer.headers._lookup": CODE,
    "core.transfer.headers._set_by_none": "names of columns that no file sets: message ids of the program in all languages",
    "core.transfer.reading.likely_slip": "a pure function of its arguments; the key is the cell itself",
    "infra.vat_numbers._rules": "rules of countries, read off a library", "infra.addresses._layout": "customs of countries, read off a library", "infra.addresses._names": "names of countries", "infra.breached._listed": "a file that we ship, the same for everybody", "infra.config.settings": PROCESS, "infra.db.database": PROCESS + "; its connections hold no tenant: SET LOCAL (test_pool)", "infra.http._tls": PROCESS, "infra.i18n.babel_locale": CODE,
    "infra.i18n.catalogue": CODE, "infra.mail._tls": PROCESS, "infra.crypto._nobody": PROCESS + ": the hash of nobody's password", "infra.limits._local": "counts by keys that begin with the tenant's",
    "infra.telemetry_metrics._slot": PROCESS, "infra.telemetry_metrics._begun": PROCESS, "infra.telemetry_metrics.metrics": "numbers; no tenant is ever a label (test_metrics_hold_no_tenant)", "infra.redis.client": PROCESS, "infra.storage.storage": PROCESS,
    "tenants.ddl.control_objects": CODE, "tenants.ddl.tenant_objects": CODE, "tenants.migration.head": CODE, "tenants.migration.steps": CODE,
    "tenants.migration.versions": CODE, "tenants.registry._cache": "keyed by the whole host or the tenant's key; the property test above turns it over",
    "tenants.samples.scene": CODE, "web.frame._kept": "keyed by all that it shows: language, links, navigation; the property test above turns it over",
    "web.approvals.settings._shape": "keyed by the currencies that it has fields for: a form's class, of no tenant", "core.approvals.kinds.kinds": CODE, "core.approvals.kinds.entitling": CODE, "core.base.registry.collect_granting": CODE, "core.approvals.kinds.limit_kinds": CODE,
    "web.nav.all_items": CODE, "web.nav.path_of": CODE, "web.plumbing._manifest": CODE, "web.words.words": CODE, "web.filters._hue_of": "a pure function of its argument, the end of a key", "workers.job.GIVEN_UP": DECLARED, "workers.job.JOBS": DECLARED, "workers.job.load_jobs": CODE,
}
MUTATORS = {"append", "add", "update", "setdefault", "pop", "popitem", "clear", "extend", "insert", "move_to_end", "remove", "discard"}


def caches_in(source: str) -> set[str]:
    """Names of a module that outlive a request and change: cached functions, containers that a function writes to, globals."""
    tree, found = ast.parse(source), set()
    owned = {target.id for node in tree.body for target in targets_of(node) if isinstance(target, ast.Name)}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
        if any(ast.unparse(one).partition("(")[0].rpartition(".")[2] in ("cache", "lru_cache", "made_once") for one in function.decorator_list):
            found.add(function.name)
        local = {arg.arg for arg in (*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs)} | assigned_in(function)
        found |= {name for name in written_in(function) if name in owned - local}
    return found


def targets_of(node):
    return node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []


def assigned_in(function):
    said_global = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)} - said_global


def written_in(function):
    """Names that a function writes into: NAME[…] = …, del NAME[…], NAME.append(…), global NAME."""
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del) and isinstance(node.value, ast.Name):
            yield node.value.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS and isinstance(node.func.value, ast.Name):
            yield node.func.value.id
        elif isinstance(node, ast.Global):
            yield from node.names


def all_caches() -> set[str]:
    found = set()
    for package in ("core", "tenants", "billing", "web", "workers", "infra"):
        for path in (ROOT / package).rglob("*.py"):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            # What only starts, builds or translates on a developer's machine serves no tenant.
            if not dotted.startswith(("infra.local", "infra.assets", "infra.bootstrap", "infra.translations_tool")):
                found |= {f"{dotted}.{name}" for name in caches_in(path.read_text())}
    return found


def test_every_cache_is_declared_with_the_reason_why_it_is_safe():
    assert all_caches() == set(CACHES)


@pytest.mark.parametrize("source", [
    "from functools import cache\n@cache\ndef f(x): ...", "import functools\n@functools.lru_cache(maxsize=5)\ndef f(x): ...", "f = {}\ndef g(x):\n    f[x] = 1",
    "f: dict = {}\ndef g(x):\n    return f.setdefault(x, 1)", "f = None\ndef g(x):\n    global f\n    f = x", "f = []\ndef g(x):\n    f.append(x)",
    "from infra.once import made_once\n@made_once\ndef f(): ...", "f = {}\nclass A:\n    def g(self, x):\n        del f[x]",
])
def test_a_new_cache_is_found(source):
    """Negative control."""
    assert caches_in(source) == {"f"}


def test_what_is_no_cache_is_not_taken_for_one():
    assert caches_in("F = {1: 2}\ndef g(x):\n    found = {}\n    found[x] = F[x]\n    return found") == set()
