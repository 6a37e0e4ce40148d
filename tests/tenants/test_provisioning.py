"""The pool of schemas: each is claimed once, and an opaque name says nothing of its company."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from infra.db import SCHEMA_NAME, NoScope, tenant_scope
from tenants import entry, provisioning, registry


def claim(slug):
    with entry.control() as session:
        return provisioning.claim(session, slug=slug, name=slug)


def test_ten_companies_at_once_get_ten_schemas(app):
    provisioning.fill_pool(10)
    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(lambda n: claim(f"race-{n}-{uuid4().hex[:6]}"), range(10)))
    assert len({t.schema_name for t in found if t}) == 10


def test_a_taken_slug_is_refused_by_the_database(app):
    provisioning.fill_pool(2)
    slug = f"twice-{uuid4().hex[:6]}"
    claim(slug)
    with pytest.raises(IntegrityError):
        claim(slug)


def test_an_empty_pool_says_so(app):
    while claim(f"drain-{uuid4().hex[:8]}"):
        pass
    assert claim("none-left") is None


def test_the_schema_name_says_nothing_of_the_company(app):
    provisioning.fill_pool(1)
    tenant = claim(f"telling-{uuid4().hex[:6]}")
    assert SCHEMA_NAME.fullmatch(tenant.schema_name) and "telling" not in tenant.schema_name


@pytest.mark.parametrize("name", ["public", "t1; DROP SCHEMA control", "T1", "t", "control", "t1,public", 't"x', "t" + "a" * 21])
def test_no_other_name_becomes_a_scope(name):
    with pytest.raises(NoScope):
        tenant_scope(name)


def test_the_directory_is_asked_again_after_a_few_seconds(app, monkeypatch):
    provisioning.fill_pool(1)
    tenant = claim(f"cached-{uuid4().hex[:6]}")
    assert registry.by_host(f"{tenant.slug}.localhost").id == tenant.id
    with entry.control() as session:
        session.get_one(type(tenant), tenant.id).slug = f"moved-{uuid4().hex[:6]}"
    monkeypatch.setattr(registry.time, "monotonic", lambda clock=registry.time.monotonic: clock() + registry.CACHE_SECONDS + 1)
    assert registry.by_host(f"{tenant.slug}.localhost") is None
