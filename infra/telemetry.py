"""Logs: one line an event, with tenant, user, request and job of the moment on it, and nobody's secrets in it.

`start("web")` once a process; `bind(tenant=…, job=…)` around a piece of work. Production writes JSON, development
lines for people. Values belong into `extra={…}`: text that comes from outside is neutralised either way.
"""

import json
import logging
import logging.config
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from infra.config import settings

_bound: ContextVar[dict[str, str]] = ContextVar("tendero_telemetry", default={})  # noqa: B039
# What a plain LogRecord carries anyway; the rest came by `extra`.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# A field with one of these in its name never leaves the process.
PRIVATE = re.compile(r"passw|token|secret|cookie|authori[sz]|csrf|api_?key|note|body|mail|phone|iban|subject|params|address", re.IGNORECASE)
# In free text: PostgreSQL's and SQLAlchemy's quotations of a row, addresses, bearer tokens and whatever is as random.
QUOTATIONS = (
    (re.compile(r"^.*\b(?:DETAIL|CONTEXT|HINT):.*$", re.MULTILINE), "[removed]"),
    (re.compile(r"\[(?:parameters|SQL): .*", re.DOTALL), "[removed]"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "[removed]"),
    (re.compile(r"[^\s<>\"'(]+@[^\s<>\"')]+"), "[mail]"),
    (re.compile(r"(?<![\w-])(?![0-9a-f]{8}-[0-9a-f]{4}-)(?![A-Za-z_]+(?![\w=+/-]))[\w+/=-]{32,}(?![\w-])"), "[removed]"),
)
# What Python and PostgreSQL quote in a message is mostly what somebody typed: from the first quote of a line to its
# last one, since what was typed may hold quotes itself; an opening quote without its partner takes the rest along.
TYPED = re.compile(r"['\"\u201c].*['\"\u201d]|(?<!\w)['\"\u201c].*$", re.MULTILINE)
REMOVED = "[removed]"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@contextmanager
def bind(**values: object) -> Iterator[None]:
    """Put names on every line logged inside; reset by token, since threads are used again."""
    token = _bound.set({**_bound.get(), **{name: str(value) for name, value in values.items() if value is not None}})
    try:
        yield
    finally:
        _bound.reset(token)


def add(**values: object) -> None:
    """Put further names on the lines of the innermost `bind`, when they become known only inside it."""
    _bound.set({**_bound.get(), **{name: str(value) for name, value in values.items() if value is not None}})


def bound() -> dict[str, str]:
    """What is bound now."""
    return dict(_bound.get())


def start(name: str) -> None:
    """Begin logging, error reports and metrics in this process. name: web, worker, clock, terminal. Repeatable."""
    from infra import telemetry_errors

    directory = settings().metrics_dir
    directory.mkdir(parents=True, exist_ok=True)
    # prometheus_client reads it when it is first imported, which happens in telemetry_metrics, later.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(directory))
    logging.config.dictConfig(logging_config(name))
    telemetry_errors.start(settings().sentry_dsn)


def logging_config(process: str) -> dict:
    """The dictConfig of every process of ours; gunicorn's own lines go the same way."""
    formatter = JsonLines if settings().production else ReadableLines
    level = settings().log_level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": formatter, "process": process}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours", "stream": "ext://sys.stderr"}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
            # Its lines hold the address as it was sent, with the tokens in it.
            "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
            # They repeat statements and addresses; what matters of them arrives as an exception.
            **{name: {"level": "WARNING"} for name in ("sqlalchemy", "alembic", "urllib3", "rq", "sentry_sdk")},
        },
    }


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, process: str = ""):
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"), "level": record.levelname,
            "process": f"{self.process}:{record.process}", "logger": record.name, **_bound.get(),
            "message": said(record), **extras(record),
        }
        if record.exc_info:
            line["error"] = trace(record.exc_info)
        # ASCII only: control characters, escape sequences and line separators of any kind stay inside the string.
        return json.dumps(line, ensure_ascii=True, default=str).replace("\x7f", "\\u007f")


class ReadableLines(logging.Formatter):
    """A line for a person at a terminal; a traceback follows, indented, so that nothing can pass for a line of ours."""

    def __init__(self, process: str = ""):
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        pairs = " ".join(f"{key}={neutral(value)}" for key, value in {**_bound.get(), **extras(record)}.items())
        clock = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        line = f"{clock} {record.levelname.lower():7} {record.name}: {neutral(said(record))} {pairs}".rstrip()
        if record.exc_info:
            line += "".join(f"\n    | {neutral(part)}" for part in trace(record.exc_info).split("\n"))
        return line


def said(record: logging.LogRecord) -> str:
    """The message; other people's code quotes what it was sent, ours puts values into `extra`."""
    message = record.getMessage()
    return scrub(message) if record.name.startswith("tendero") else error_text(message)


def neutral(value: object) -> str:
    """Text without CR, LF, ANSI sequences or direction marks: each becomes its escape."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), str(value))


def extras(record: logging.LogRecord) -> dict:
    """What came by `extra`, private names emptied, texts scrubbed."""
    return {key: cleaned(key, value) for key, value in vars(record).items() if key not in STANDARD and not key.startswith("_")}


def cleaned(key: str, value: object) -> object:
    """A value as it may leave the process."""
    if PRIVATE.search(key):
        return REMOVED
    if isinstance(value, dict):
        return {str(name): cleaned(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [cleaned(key, inner) for inner in value]
    return value if value is None or isinstance(value, bool | int | float) else scrub(str(value))


def scrub(text: str) -> str:
    """Free text without quoted rows, addresses and tokens."""
    for pattern, put in QUOTATIONS:
        text = pattern.sub(put, text)
    return text


def trace(info: tuple[type[BaseException] | None, BaseException | None, TracebackType | None] | bool) -> str:
    """The traceback with the messages of its exceptions scrubbed; our source lines stay, values do not."""
    kind, error, tb = info if isinstance(info, tuple) else sys.exc_info()
    if error is None:
        return ""
    told = traceback.TracebackException(kind, error, tb, capture_locals=False)
    shown = told
    while shown is not None:
        # A chained error is told above its successor; each one's own words are cleaned.
        shown._str = error_text(shown._str)
        shown.__notes__ = None
        shown = shown.__cause__ or shown.__context__
    return "".join(told.format()).rstrip()


def error_text(message: str | None) -> str:
    """The message of an exception without what somebody typed."""
    return TYPED.sub("'\u2026'", scrub(str(message or "")))[:1000]
