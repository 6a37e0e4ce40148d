"""The operator's terminal: the web's use cases, one clear sentence when something is wrong."""

import json
import os
import re

import pytest
from click.testing import CliRunner

from core.base.outbox import Order, defer_row
from core.identity import actions, queries
from infra.config import settings
from tenants import entry, registry
from workers import run as runner
from workers.cli import main

PASSWORD = "a fine long password"


@pytest.fixture
def run(stack):
    def invoke(*arguments, stdin=None, code=0):
        result = CliRunner().invoke(main, list(arguments), input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return invoke


@pytest.fixture
def slug(run):
    name = "cli-" + os.urandom(3).hex()
    run("prepare", "--ready", "1")
    run("tenant", "create", name, "--company", "Terminal & Co", "--mail", f"boss@{name}.example", "--name", "Boss", "--password-stdin", stdin=PASSWORD + "\n")
    registry.forget()
    return name


def test_prepare_can_be_repeated(run):
    run("prepare", "--ready", "1")
    assert re.search(r"ready: 0 tenants migrated, 0 schemas made", run("prepare", "--ready", "1"))


def test_a_tenant_is_made_listed_and_its_owner_can_sign_in(run, slug):
    assert slug in run("tenant", "list")
    assert f"boss@{slug}.example\tBoss\tadmin\tactive owner" in run("user", "list", slug)
    with entry.enter(registry.by_id(_id(slug))) as session:
        assert actions.prove(session, f"boss@{slug}.example", PASSWORD)


def test_a_token_made_here_opens_the_api_of_its_tenant(run, slug):
    secret = run("token", "create", slug, f"boss@{slug}.example", "--allow", "home.read").strip()
    with entry.enter(registry.by_id(_id(slug))) as session:
        found = queries.token_user(session, secret, entry.utcnow())
        assert found.user.mail == f"boss@{slug}.example" and found.permissions == ["home.read"]


def test_a_user_is_added_within_the_plan_only(run, slug):
    with entry.control() as session:
        registry.by_slug(session, slug).limits = {"seats": 1}
    said = run("user", "add", slug, f"rep@{slug}.example", "--name", "Rep", "--password-stdin", stdin=PASSWORD + "\n", code=2)
    assert "seats" in said
    said = run("user", "disable", slug, f"boss@{slug}.example", code=2)
    assert "last administrator" in said


@pytest.mark.parametrize(("arguments", "words"), [
    (("tenant", "create", "www", "--company", "X", "--mail", "a@b.example", "--name", "N", "--password-stdin"), "slug"),
    (("tenant", "create", "UPPER case", "--company", "X", "--mail", "a@b.example", "--name", "N", "--password-stdin"), "slug"),
    (("tenant", "create", "fine-name", "--company", "X", "--mail", "nonsense", "--name", "N", "--password-stdin"), "mail"),
    (("user", "list", "no-such-tenant"), "There is no tenant named no-such-tenant"),
    (("tenant", "export", "no-such-tenant"), "There is no tenant"),
    (("outbox", "retry", "control", "00000000-0000-0000-0000-000000000000"), "There is no failed or parked order"),
    (("outbox", "retry", "control", "nonsense"), "UUID"),
    (("tenant", "restore", "x", "/no/such/file"), "does not exist"),
])
def test_what_is_wrong_is_said_in_a_sentence(run, arguments, words):
    result = CliRunner().invoke(main, list(arguments), input=PASSWORD + "\n")
    assert result.exit_code in (1, 2) and words in result.output
    assert "Traceback" not in result.output


def test_a_wrong_setting_is_one_sentence(run, monkeypatch):
    monkeypatch.setenv("DB_POOL_SIZE", "many")
    settings.cache_clear()
    try:
        assert "DB_POOL_SIZE" in run("tenant", "list", code=2)
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_a_short_password_is_refused_and_no_tenant_is_left(run):
    name = "cli-" + os.urandom(3).hex()
    run("tenant", "create", name, "--company", "X", "--mail", "a@b.example", "--name", "N", "--password-stdin", stdin="short\n", code=2)
    assert name not in run("tenant", "list", "--all")


def test_the_demo_is_made_once_and_says_how_to_sign_in(run):
    run("prepare", "--ready", "1")
    first = json.loads(run("demo"))
    assert first == json.loads(run("demo"))
    assert {one["who"] for one in first["sign_ins"]} >= {"owner", "manager", "salesperson", "reader"}
    registry.forget()
    with entry.enter(registry.by_id(_id("demo"))) as session:
        for one in first["sign_ins"]:
            if one["who"] != "operator":
                assert actions.prove(session, one["mail"], one["password"])


def test_a_tenant_is_exported_and_deleted(run, slug, tmp_path):
    path = run("tenant", "export", slug, "--folder", str(tmp_path)).strip()
    assert os.path.getsize(path) > 1000
    assert run("tenant", "delete", slug, "--yes", "--grace-days", "0").split()[1] == "done"
    assert "There is no tenant" in CliRunner().invoke(main, ["user", "list", slug]).output


def test_a_parked_order_is_shown_and_run_again(run, slug):
    tenant = registry.by_id(_id(slug))
    with entry.enter(tenant) as session:
        order = defer_row(session, Order, "no.such.job", now=entry.utcnow(), due_at=None, queue=None, dedupe=None, asked_by=None, args={})
    runner.work(str(order), str(tenant.id))
    assert f"{order}\tno.such.job" in run("outbox", "list", "--tenant", slug)
    run("outbox", "retry", slug, str(order))
    assert str(order) in run("outbox", "list", "--tenant", slug, "--state", "waiting")


def _id(slug):
    with entry.control() as session:
        return registry.by_slug(session, slug).id


def test_a_deletion_is_taken_back_before_its_day(run, slug):
    assert "Nobody has asked" in run("tenant", "keep", slug, "--reason", "none", code=2)
    run("tenant", "delete", slug, "--yes")
    assert run("tenant", "keep", slug, "--reason", "they stay").split() == ["kept", "trialing"]
    registry.forget()
    assert registry.by_id(_id(slug)).state == "active"
