"""Requests through the real application in this process, the statements they send, and those statements sent bare."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from sqlalchemy import Engine, event
from werkzeug.test import EnvironBuilder

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|WITH\b.*\b(INSERT INTO|UPDATE|DELETE FROM)\b)", re.I | re.S)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)


class Visitor:
    """Somebody at one host with a cookie; `ask` is one request through the whole WSGI application."""

    def __init__(self, app, host: str):
        self.app, self.host = app, host
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    @classmethod
    def signed_in(cls, app, house, who: str) -> "Visitor":
        from core.identity import actions
        from tenants import entry
        from web import door

        self = cls(app, house.host)
        with entry.enter(house.tenant) as session:
            token, row = actions.open_session(session, house.users[who], now=entry.utcnow(), ip="127.0.0.1", agent="bench")
            self.csrf = row.csrf
        self.cookies[door.cookie_name()] = token
        return self

    def prepared(self, path: str, data: dict | None = None) -> dict:
        """The environ of a request: made outside of what is timed."""
        headers = {"Host": self.host, "Accept": "text/html", "Accept-Language": "en", "User-Agent": "bench"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        method = "GET" if data is None else "POST"
        fields = None if data is None else {"_csrf": self.csrf, **data}
        return EnvironBuilder(path=path, method=method, base_url=f"http://{self.host}", headers=headers, data=fields).get_environ()

    def ask(self, path: str, data: dict | None = None) -> Answer:
        answer = run(self.app, self.prepared(path, data))
        for line in answer.cookies:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items() if morsel.value}
        return answer


def run(app, environ: dict) -> Answer:
    """One request, answered to its last byte."""
    kept: list = []

    def start_response(status, headers, exc_info=None):
        kept[:] = [status, headers]

    body = app(environ, start_response)
    try:
        content = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    cookies = [value for name, value in kept[1] if name == "Set-Cookie"]
    return Answer(int(kept[0][:3]), dict(kept[1]), content, cookies)


@dataclass
class Statements:
    """What was sent to the database, in order: (text that opened the transaction, statement, parameters)."""

    sent: list[tuple[str, str, object]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sent)

    def replay(self, connection) -> None:
        """The same reads by bare psycopg in the same transactions, all rows fetched."""
        begun = ""
        for scope, statement, parameters in self.sent:
            if scope != begun:
                if begun:
                    connection.execute("COMMIT")
                connection.execute(scope, prepare=False)
                begun = scope
            cursor = connection.execute(statement, parameters or None)
            if cursor.description:
                cursor.fetchall()
        if begun:
            connection.execute("COMMIT")

    def reads(self) -> "Statements":
        return Statements([one for one in self.sent if not WRITES.match(one[1])])


@contextmanager
def recorded() -> Iterator[Statements]:
    """The statements of all engines while it lasts; opening and ending a transaction is not counted."""
    found = Statements()

    def note(connection, cursor, statement, parameters, context, executemany):
        found.sent.append((connection.get_execution_options()["tendero_scope"].begin(), statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
