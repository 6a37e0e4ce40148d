"""`python -m tests.bench.clients PORT HOST COOKIE PATH CLIENTS SECONDS`: that many clients ask for one page one after
another on kept connections; prints requests, seconds and the latencies' median and p95 as JSON. Plain sockets, so that
the asking takes little of the two cores that the answering has."""

import json
import socket
import sys
import threading
import time


def ask_on_and_on(port: int, request: bytes, until: float, took: list[float]) -> None:
    """One client; an answer other than 200 ends it with an error."""
    line = socket.create_connection(("127.0.0.1", port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while time.perf_counter() < until:
        started = time.perf_counter()
        line.sendall(request)
        read_answer(line)
        took.append(time.perf_counter() - started)
    line.close()


def read_answer(line: socket.socket) -> None:
    """One whole answer."""
    kept = line.recv(65536)
    while b"\r\n\r\n" not in kept:
        kept += line.recv(65536)
    head, _, body = kept.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head[:200].decode())
    length = int(next(one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")).split(b":")[1])
    left = length - len(body)
    while left > 0:
        left -= len(line.recv(65536))


def main(port: str, host: str, cookie: str, path: str, clients: str, seconds: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n".encode()
    took: list[float] = []
    started = time.perf_counter()
    threads = [threading.Thread(target=ask_on_and_on, args=(int(port), request, started + float(seconds), took)) for _ in range(int(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    spent = time.perf_counter() - started
    sys.stdout.write(json.dumps({"requests": len(took), "seconds": spent, "median": took[len(took) // 2], "p95": took[int(len(took) * 0.95)]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
