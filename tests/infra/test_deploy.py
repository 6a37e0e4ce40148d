"""The deploy files, checked as far as their own validators go here; what only a container runtime could show is not."""

import dataclasses
import io
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
from http.client import HTTPSConnection
from pathlib import Path

import psycopg
import pytest
import yaml
from werkzeug.serving import make_server

from infra import config
from infra.local import places, process
from tenants import cluster, entry, registry
from tenants.models import Domain

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "infra" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
REGISTRY = re.compile(r"\b(docker\.io|ghcr\.io|quay\.io|[a-z0-9.-]+\.(com|org|net|io)/)")


def instructions() -> list[tuple[str, str]]:
    """(word, rest) of each instruction of the Dockerfile, continued lines joined, comments dropped."""
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for word, rest in instructions():
        if word == "FROM":
            found[rest.split(" AS ")[1]] = []
        elif found:
            found[list(found)[-1]].append((word, rest))
    return found


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def example_env() -> dict[str, str]:
    lines = (DEPLOY / "tendero.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_image_is_built_in_stages_from_hashed_locks():
    found = stages()
    assert list(found) == ["packages", "assets", "run"]
    installs = [rest for steps in found.values() for word, rest in steps if word == "RUN" and "pip install" in rest]
    assert len(installs) == 2 and all("--require-hashes -r" in one for one in installs)
    assert {word for word, _ in instructions()} <= {"ARG", "FROM", "COPY", "RUN", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}


def test_the_image_does_not_run_as_root():
    last = stages()["run"]
    words = [word for word, _ in last]
    assert dict(last)["USER"] == "10001:10001" and "RUN" not in words[words.index("USER"):]


def test_the_image_copies_only_what_exists_and_every_package():
    copied = set()
    for word, rest in instructions():
        if word == "COPY" and "--from=" not in rest:
            copied |= set(rest.split()[:-1])
    assert all((ROOT / one).exists() for one in copied)
    assert {"infra", "core", "tenants", "billing", "workers", "web", "wsgi.py"} <= copied
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert "*" in ignored and {f"!{one}" for one in copied if "/" not in one} <= set(ignored)


def test_no_registry_host_is_named():
    for name in ("Dockerfile", "compose.yaml"):
        code = "\n".join(line for line in (DEPLOY / name).read_text().splitlines() if not line.lstrip().startswith("#"))
        assert not REGISTRY.search(code), name


def test_compose_names_only_what_it_defines():
    file = compose()
    for name, service in file["services"].items():
        for one in service.get("secrets", []):
            assert (one["source"] if isinstance(one, dict) else one) in file["secrets"], name
        for network in service["networks"]:
            assert network in file["networks"]
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in file["volumes"] or (DEPLOY / source).exists() or source == "./certificates", (name, source)
        for other in service.get("depends_on", {}):
            assert other in file["services"]
        assert "privileged" not in service and (name == "caddy" or "ports" not in service)


def test_compose_makes_the_cluster_that_the_start_asks_for():
    """The same locale and settings as the local launcher, which db_check holds every server to."""
    from infra.local import postgres

    service = compose()["services"]["postgres"]
    assert service["environment"]["POSTGRES_INITDB_ARGS"].split() == list(postgres.LOCALE)
    given = dict(one[2:].split("=") for one in service["command"][1:])
    for name in ("recovery_init_sync_method", "max_locks_per_transaction", "wal_level", "jit", "timezone"):
        assert given[name] == postgres.SETTINGS[name]


@pytest.fixture
def secrets_folder(tmp_path):
    subprocess.run([DEPLOY / "secrets.sh", tmp_path / "secrets"], check=True)
    return tmp_path / "secrets"


def test_the_secrets_are_made_once_private_and_different(secrets_folder):
    first = {file.name: file.read_text() for file in secrets_folder.iterdir()}
    subprocess.run([DEPLOY / "secrets.sh", secrets_folder], check=True)
    assert {file.name: file.read_text() for file in secrets_folder.iterdir()} == first
    assert len(set(first.values())) == len(first)
    assert all(file.stat().st_mode & 0o077 == 0 for file in (secrets_folder, *secrets_folder.iterdir()))
    assert set(first) == {Path(one["file"]).name for one in compose()["secrets"].values()}
    assert "tendero_owner" not in first["pgpass_web"] and "*:postgres:" not in first["pgpass_workers"]


@pytest.mark.parametrize("name", ["web", "workers", "clock", "prepare"])
def test_production_starts_with_the_variables_of_each_container(name, secrets_folder):
    environment = {**example_env(), **compose()["services"][name]["environment"]}
    environment |= {key: value.replace("/run/secrets", str(secrets_folder)) for key, value in environment.items() if key.endswith("_FILE")}
    loaded = config.load(environment)
    assert loaded.production and loaded.trusted_proxies == 1 and loaded.base_domain == "crm.example.com"
    assert bool(loaded.clusters["main"].owner) == (name != "web")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_production_starts_with_the_variables_of_each_unit(unit, secrets_folder):
    """systemd gives the credentials' folder as %d."""
    lines = re.findall(r"^Environment=(.*)$", unit.read_text(), re.M)
    own = dict(part.split("=", 1) for line in lines for part in line.replace("%d", str(secrets_folder)).split())
    loaded = config.load({**own, **example_env()})
    assert loaded.production and loaded.trusted_proxies == 1
    assert bool(loaded.clusters["main"].owner) == ("web" not in unit.name)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_systemd_accepts_each_unit_and_calls_it_well_guarded(unit, tmp_path):
    real = tmp_path / unit.name
    # Verify wants the program to exist; all else stays as it is.
    real.write_text(re.sub(r"^ExecStart=/opt/tendero/\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.M))
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", real], capture_output=True, text=True)
    assert checked.returncode == 0 and checked.stderr == ""
    asked = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", real]
    assert subprocess.run(asked, capture_output=True).returncode == 0


def test_the_roles_of_compose_are_those_that_the_preparation_wants(stack, tmp_path):
    """The SQL of postgres-roles.sh on a real server, in names of its own."""
    script = (DEPLOY / "postgres-roles.sh").read_text()
    body = script.split("<<'SQL'\n")[1].split("\nSQL")[0]
    body = re.sub(r"\\set (app|owner) .*\n", "", body).replace(":'app'", "'one'").replace(":'owner'", "'two'")
    wanted = "SELECT rolcanlogin, rolinherit, rolcreaterole, rolsuper FROM pg_roles WHERE rolname = %s"
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as connection:
        connection.execute(body.replace("tendero_", "trial_"))
        for name in ("owner", "app"):
            assert connection.execute(wanted, (f"trial_{name}",)).fetchone() == connection.execute(wanted, (f"tendero_{name}",)).fetchone()
        connection.rollback()
    assert "CREATE ROLE tendero_owner LOGIN CREATEROLE" in cluster.ROLES


# Certificates for customers' own domains: who may ask, and what is answered.


@pytest.fixture
def domains(world):
    """(verified, unverified) domains of a tenant."""
    tag = world.acme.tenant.slug
    names = f"crm.{tag}.example", f"new.{tag}.example"
    with entry.control() as session:
        for host, at in zip(names, (entry.utcnow(), None), strict=True):
            session.add(Domain(host=host, tenant_id=world.acme.tenant.id, token="t", verified_at=at))
    registry.forget()
    yield names
    with entry.control() as session:
        session.execute(Domain.__table__.delete().where(Domain.host.in_(names)))
    registry.forget()


def ask(world, domain, **rest):
    return world.app.test_client().get("/_domain", query_string={"domain": domain}, headers={"Host": "web:8000"}, **rest).status_code


def test_only_a_verified_domain_gets_a_certificate(world, domains):
    verified, unverified = domains
    assert [ask(world, one) for one in (verified, verified.upper() + ".", unverified, "nobody.example")] == [200, 200, 404, 404]


@pytest.mark.parametrize("name", ["", "a b", "x" * 400, "../etc", "localhost", "[::1", "127.0.0.1"])
def test_an_odd_domain_gets_none(world, name):
    assert ask(world, name) == 404
    assert ask(world, f"{world.acme.tenant.slug}.localhost") == 404


def test_only_a_neighbour_is_told(world, domains):
    assert ask(world, domains[0], environ_base={"REMOTE_ADDR": "172.18.0.4"}) == 200
    assert ask(world, domains[0], environ_base={"REMOTE_ADDR": "93.184.216.34"}) == 404
    client = world.app.test_client()
    headers = {"Host": "web:8000", "X-Forwarded-For": "127.0.0.1"}
    assert client.get("/_domain", query_string={"domain": domains[0]}, headers=headers).status_code == 404


# Under CI it is there (.ci/run), or these fail.
needs_caddy = pytest.mark.skipif(shutil.which("caddy") is None and not os.environ.get("CI"), reason="caddy is not installed")


@pytest.fixture
def caddy_env(tmp_path):
    """Variables of the Caddyfile, with a wildcard certificate of our own making."""
    cert, key = tmp_path / "wildcard.pem", tmp_path / "wildcard.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
                    "-days", "2", "-subj", "/CN=wildcard", "-addext", "subjectAltName=DNS:*.localhost"], check=True, capture_output=True)
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "BASE_DOMAIN": "localhost",
            "ACME_EMAIL": "admin@example.com", "WILDCARD_CERT": str(cert), "WILDCARD_KEY": str(key), **old_names()}


def old_names() -> dict[str, str]:
    """Caddy called the buffering of requests otherwise before 2.6.3; the file says so in its header."""
    version = tuple(int(part) for part in re.search(r"(\d+)\.(\d+)\.(\d+)", subprocess.check_output(["caddy", "version"], text=True)).groups())
    return {"CADDY_BUFFERING": "buffer_requests"} if version < (2, 6, 3) else {}


@needs_caddy
def test_caddy_accepts_its_file(caddy_env):
    done = subprocess.run(["caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"], env=caddy_env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert subprocess.run(["caddy", "fmt", DEPLOY / "Caddyfile"], env=caddy_env, capture_output=True, text=True).stdout == (DEPLOY / "Caddyfile").read_text()


@needs_caddy
def test_caddy_takes_a_form_in_before_web_hears_of_it(caddy_env):
    """Without the variable the file speaks the language of later versions (compose has those)."""
    adapt = ["caddy", "adapt", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"]
    told = json.loads(subprocess.run(adapt, env=caddy_env, capture_output=True, text=True, check=True).stdout)
    proxies = [handler for handler in handlers(told) if handler["handler"] == "reverse_proxy"]
    assert len(proxies) == 3 and all(proxy.get("buffer_requests") or proxy.get("request_buffers") for proxy in proxies)
    assert "{$CADDY_BUFFERING:request_buffers 1MB}" in (DEPLOY / "Caddyfile").read_text()


def handlers(found) -> list[dict]:
    """Every handler in an adapted configuration."""
    if isinstance(found, list):
        return [one for inner in found for one in handlers(inner)]
    if not isinstance(found, dict):
        return []
    return ([found] if "handler" in found else []) + [one for inner in found.values() for one in handlers(inner)]


@pytest.fixture
def behind_caddy(world, caddy_env, tmp_path):
    """The port where Caddy speaks TLS for the real application, all certificates from Caddy's own authority."""
    from web.app import create_app

    app = create_app(dataclasses.replace(config.settings(), trusted_proxies=1))
    web = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    ports: set[int] = set()
    plain, secure = places.free_port(18080, ports), places.free_port(18443, ports)
    env = {**caddy_env, "TENDERO_WEB": f"127.0.0.1:{web.port}"}
    adapted = subprocess.run(["caddy", "adapt", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"], env=env, capture_output=True, text=True, check=True)
    file = tmp_path / "caddy.json"
    file.write_text(json.dumps(on_loopback(json.loads(adapted.stdout), plain, secure, tmp_path)))
    child = process.spawn(["caddy", "run", "--config", file], tmp_path / "caddy.log", env=env)
    try:
        process.await_ready("Caddy", child, lambda: process.listens(secure), tmp_path / "caddy.log", 20)
        yield secure
    finally:
        process.kill_group(child)
        web.shutdown()


def on_loopback(settings: dict, plain: int, secure: int, folder: Path) -> dict:
    """The same configuration with free ports and an authority that asks nobody outside."""
    settings["admin"] = {"disabled": True}
    settings["storage"] = {"module": "file_system", "root": str(folder / "caddy")}
    http = settings["apps"]["http"]
    http |= {"http_port": plain, "https_port": secure}
    for server in http["servers"].values():
        server["listen"] = [one.replace(":443", f"127.0.0.1:{secure}").replace(":80", f"127.0.0.1:{plain}") for one in server["listen"]]
    for policy in settings["apps"]["tls"]["automation"]["policies"]:
        policy["issuers"] = [{"module": "internal"}]
    settings["apps"]["pki"] = {"certificate_authorities": {"local": {"install_trust": False}}}
    return settings


def visit(port: int, host: str, path: str = "/healthz", **headers) -> int:
    """Status of a page by TLS with the host as SNI and Host; 0 where no certificate is given."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    line = HTTPSConnection("127.0.0.1", port, timeout=15, context=context)
    try:
        line.sock = context.wrap_socket(__import__("socket").create_connection(("127.0.0.1", port), 15), server_hostname=host)
        line.request("GET", path, headers={"Host": host, **headers})
        return line.getresponse().status
    except (ssl.SSLError, OSError):
        return 0
    finally:
        line.close()


@needs_caddy
def test_caddy_in_front_of_the_real_application(behind_caddy, world, domains):
    """Tenants by the wildcard, own domains only once verified, nobody outside asks /_domain."""
    port, slug = behind_caddy, world.acme.tenant.slug
    assert visit(port, f"{slug}.localhost", "/sign-in") == 200
    assert visit(port, "nobody.localhost", "/sign-in") == 404
    assert visit(port, domains[0], "/sign-in") == 200
    assert visit(port, domains[1], "/sign-in") == 0 and visit(port, "stranger.example") == 0
    inside = f"/_domain?domain={domains[0]}"
    assert visit(port, f"{slug}.localhost", inside) == 404
    assert visit(port, f"{slug}.localhost", inside, **{"X-Forwarded-For": "127.0.0.1"}) == 404


@needs_caddy
def test_a_file_comes_through_caddy_and_its_link_stays_out_of_the_log(behind_caddy, world, tmp_path):
    from core.files import actions, links
    from core.parties.actions import create_account

    with world.acme.ctx("rep") as ctx:
        file = actions.add_file(ctx, create_account(ctx, name="Nordlicht"), source=io.BytesIO(b"bytes"), name="offer.txt")
        ctx.session.flush()
        link = links.link_to(ctx, file)
    path, _, token = link.partition("localhost")[2].partition("/")[2].partition("?token=")
    assert visit(behind_caddy, "files.localhost", f"/{path}?token={token}") == 200 and visit(behind_caddy, "files.localhost", f"/{path}") == 404
    until = time.monotonic() + 5
    while (log := (tmp_path / "caddy.log").read_text()).count(path) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert log.count(path) >= 2 and token.split(".")[2] not in log


def test_every_variable_is_explained():
    """docs/operating.md has a row for each variable that the settings read."""
    source = (ROOT / "infra" / "config.py").read_text()
    names = set(re.findall(r"read\.\w+\(\"([A-Z][A-Z_]+[A-Z])\"", source))
    explained = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs" / "operating.md").read_text()))
    assert len(names) > 20
    assert names - explained == set()
