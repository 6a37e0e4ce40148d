"""Real parts for every test: PostgreSQL and Valkey of this run's own, one prepared cluster, the fixed cast."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.turns import Turns, part_of

pytest_plugins = ("tests.support.browsing",)

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("TENDERO_DATA", ROOT.parent / "shared" / "data"))


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        from tests.support.time_spent import TimeSpent

        config.pluginmanager.register(TimeSpent(), "time-spent")


@pytest.fixture(scope="session")
def stack():
    """The servers of this run, their addresses in the environment, the cluster prepared."""
    from infra.config import settings
    from infra.local.stack import Stack

    servers = Stack()
    env = servers.start(mail=True)
    try:
        os.environ.update(env, TENDERO_ENV="test", SECRET_KEY="test-secret-" + "x" * 40, PUBLIC_PORT=str(free_port()))
        settings.cache_clear()
        from infra.db import database
        from infra.storage import storage
        from tenants import cluster, migration

        for made in (database, storage):  # a test without servers may have made them from other settings
            made.cache_clear()
        cluster.prepare_cluster(os.environ["DATABASE_ADMIN_URL"])
        migration.migrate_control()
        yield env
        database().close()
    finally:
        servers.stop(wait=False)


def free_port() -> int:
    """A port for the browser tests' server; chosen first, because links name it."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def app(stack):
    """The application, as gunicorn would make it."""
    from web.app import create_app

    app = create_app()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture(scope="module")
def world(app):
    """Two fresh tenants with the cast, for one test module."""
    from tests.support.world import World

    return World(app)


@pytest.fixture
def short_lease(monkeypatch):
    """No other process keeps rows of the directory here: who closes a tenant need not wait three seconds for it."""
    from tenants import registry

    monkeypatch.setattr(registry, "CACHE_SECONDS", 0.05)


@pytest.fixture
def ctx(shared_house):
    """The owner's context in a tenant that all tests share; everything done is rolled back."""
    with rolled_back(shared_house, "owner") as ctx:
        yield ctx


@pytest.fixture
def as_(shared_house):
    """as_("rep"): a further context on the shared tenant, rolled back. One transaction each."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda who: stack.enter_context(rolled_back(shared_house, who))


@pytest.fixture(scope="session")
def shared_house(app):
    from tests.support.world import House

    return House("shared")


def rolled_back(house, who):
    from contextlib import contextmanager

    class Undo(Exception):
        pass

    @contextmanager
    def run():
        try:
            with house.ctx(who) as ctx:
                yield ctx
                raise Undo
        except Undo:
            pass

    return run()


@pytest.fixture(scope="session")
def data():
    """The folder of real data; skipped where absent, failed under CI."""
    if not DATA.is_dir():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no real data at TENDERO_DATA={DATA}")
    return DATA


# Where two workers share the tests (bin/test), they take turns.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID")
TURNS = Turns(RUN) if RUN else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    if TURNS is None:
        return (yield)
    TURNS.take(place_of(item))
    try:
        return (yield)
    finally:
        TURNS.leave(place_of(nextitem) if nextitem is not None else None)


def place_of(item) -> str:
    """The file of a test, from the root."""
    return item.path.relative_to(ROOT).as_posix()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """In the parts of a run. Tests marked deep measure the figures an issue names: only bin/test --deep has the time for them."""
    told = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if told:
        raise pytest.UsageError(f"Each process would call these tests otherwise, and two could not share them: give the parameters ids: {told[:3]}")
    items.sort(key=lambda item: part_of(place_of(item), browser=item.get_closest_marker("browser") is not None))
    if os.environ.get("TENDERO_DEEP") == "1":
        return
    for item in items:
        if "deep" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="deep: run with bin/test --deep"))


@pytest.fixture(scope="module", autouse=True)
def fresh_limits():
    """Each module begins with nothing counted: all tests call from one address, and the limits are real."""
    if "REDIS_URL" in os.environ:
        from infra import limits
        from infra.redis import client

        limits.forget()
        for key in client().scan_iter(f"{limits.PREFIX}:*"):
            client().delete(key)
    yield


@pytest.fixture(scope="module", autouse=True)
def left_as_found():
    """A module that leaves the environment changed aims those after it at servers that are gone; a store made from settings of
    the moment hides their files from the servers' processes."""
    before = dict(os.environ)
    yield
    if "STORAGE_URL" in os.environ:
        from infra.storage import storage

        assert not storage.cache_info().currsize or storage().root == Path(urlsplit(os.environ["STORAGE_URL"]).path), f"files are kept in {storage().root}"
    changed = {name for name, value in before.items() if name != "PYTEST_CURRENT_TEST" and os.environ.get(name) != value}
    assert changed == set(), f"left changed in the environment: {sorted(changed)}"
