"""The least that could answer: a WSGI application that sends one page's recorded statements by bare psycopg and gives
back the same bytes. BENCH_FLOOR names the file that `load` wrote."""

import os
import pickle
import threading

import psycopg

_kept = threading.local()


def _page():
    with open(os.environ["BENCH_FLOOR"], "rb") as file:
        return pickle.load(file)  # noqa: S301 (our own file of this run)


STATEMENTS, HEADERS, BODY = _page()


def app(environ, start_response):
    if not hasattr(_kept, "connection"):
        _kept.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    STATEMENTS.replay(_kept.connection)
    start_response("200 OK", HEADERS)
    return [BODY]
