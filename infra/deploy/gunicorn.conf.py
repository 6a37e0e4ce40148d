"""gunicorn's configuration, for bin/up and for production alike: `gunicorn -c infra/deploy/gunicorn.conf.py wsgi:app`.

Sizes come from the settings (WEB_WORKERS, WEB_THREADS, WEB_SHARE), the address from BIND. A proxy in front speaks TLS;
what it says about the client is believed as TRUSTED_PROXIES says, by the application. Slow senders wait in the worker's
main loop, not in its threads, with a proxy or without.
"""

import gc
import os

from infra import telemetry, telemetry_metrics
from infra.config import settings

_settings = settings()
telemetry.start("web")

bind = os.environ.get("BIND", "127.0.0.1:8000")
# gthread with patience: a request gets a thread when it is whole, and no host gets all threads (infra/web_worker.py).
worker_class = "infra.web_worker.PatientWorker"
workers = _settings.web_workers
threads = _settings.web_threads
# The workers share the loaded code; connections are made anew in each (post_fork).
preload_app = True
proc_name = "tendero-web"

# A page takes at most the statement timeout of 5 s a statement; who hangs longer is replaced.
timeout = 60
graceful_timeout = 25
keepalive = 5
backlog = 512
# With a file for each longer body they stay below 1,024 descriptors; above it, who has been sending the longest goes.
worker_connections = 400
# Caches of a long life are given back; the jitter keeps the workers from restarting together.
max_requests = 20_000
max_requests_jitter = 4_000

# Hostile requests: refuse what two parsers could read differently (RELIABILITY X22).
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
header_map = "drop"
strip_header_spaces = False
permit_obsolete_folding = False
permit_unconventional_http_method = False
permit_unconventional_http_version = False
http_protocols = "h1"
proxy_protocol = "off"
# Nobody sets the scheme, script name or path by a header here; ProxyFix counts the trusted proxies.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# Heartbeats in memory: a full or slow disk must not look like a hanging worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
control_socket_disable = True
# Each request has a line of ours (web/telemetry_http.py).
accesslog = None
errorlog = "-"
logconfig_dict = telemetry.logging_config("web")


def on_starting(server):
    """Begin with an empty folder of metrics; other processes' files stay."""
    telemetry_metrics.wipe("web", _settings.metrics_dir)


def when_ready(server):
    """What is loaded by now stays: the collector leaves it alone, so that the workers go on sharing its pages."""
    gc.collect()
    gc.freeze()


def pre_fork(server, worker):
    """The lowest slot that no living worker holds: its metrics files are used on."""
    taken = {getattr(other, "slot", None) for other in server.WORKERS.values()}
    worker.slot = next(f"web{n}" for n in range(len(taken) + 1) if f"web{n}" not in taken)


def post_fork(server, worker):
    """Leave the parent's connections alone and start with none."""
    from infra.db import database
    from infra.redis import client

    telemetry_metrics.take_slot(worker.slot)
    database().forget()
    client.cache_clear()


def child_exit(server, worker):
    """A worker is gone, by whatever cause: its live gauges no longer count."""
    telemetry_metrics.mark_dead(getattr(worker, "slot", str(worker.pid)))
