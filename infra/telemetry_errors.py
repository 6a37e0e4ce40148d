"""Error reports to Sentry: where it broke, in which tenant and request, and never with what people typed (X32)."""

import logging
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration

from infra import telemetry
from infra.config import settings

# What of an event is ours to send; everything else (request bodies, cookies, environment, breadcrumbs) stays here.
KEPT = frozenset({
    "event_id", "timestamp", "level", "logger", "platform", "release", "environment", "server_name", "sdk", "type",
    "exception", "logentry", "message", "extra", "tags", "fingerprint",
})
FRAME_KEPT = frozenset({"filename", "abs_path", "function", "module", "lineno", "in_app"})


def start(dsn: str, *, transport: Any = None) -> None:
    """Send what is logged as an error to `dsn`; without one nothing is sent anywhere. transport: tests."""
    if not dsn and transport is None:
        return
    sentry_sdk.init(
        dsn=dsn or "http://public@127.0.0.1:9/1", transport=transport, environment=settings().environment, release=settings().release or None,
        send_default_pii=False, include_local_variables=False, include_source_context=False, max_request_body_size="never",
        before_send=before_send, before_breadcrumb=lambda crumb, hint: None, auto_enabling_integrations=False, default_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)], traces_sample_rate=None, max_value_length=2000,
    )


def before_send(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """The event reduced to what may leave: stack without values, scrubbed words, who and where as tags."""
    found = {name: value for name, value in event.items() if name in KEPT}
    for part in (found.get("exception") or {}).get("values", ()):
        part["value"] = telemetry.error_text(part.get("value"))
        part.pop("mechanism", None)
        trace = part.get("stacktrace") or {}
        trace["frames"] = [{k: v for k, v in frame.items() if k in FRAME_KEPT} for frame in trace.get("frames", ())]
    entry = found.get("logentry")
    if entry:
        found["logentry"] = {"message": telemetry.scrub(str(entry.get("message", "")))}
    if "message" in found:
        found["message"] = telemetry.scrub(str(found["message"]))
    found["extra"] = {name: telemetry.cleaned(name, value) for name, value in (found.get("extra") or {}).items() if name != "sys.argv"}
    found["tags"] = telemetry.bound()
    return found
