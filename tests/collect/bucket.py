"""S3 on loopback: moto's server in a process of its own, and a proxy before it that fails on request."""

import http.client
import http.server
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

BUCKET = "studies"

Reply = tuple[int, list[tuple[str, str]], bytes]
#: What befalls one request: given the handler and a function that passes it on and returns the reply.
Fault = Callable[["Proxy", Callable[[], Reply]], None]
P = TypeVar("P", bound="ProxyServer")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(port: int) -> dict[str, str]:
    """What points S3 clients to a port of this machine."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }


@contextmanager
def serving() -> Iterator[int]:
    """Moto's S3 with one empty bucket; its port."""
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, env=os.environ, **quiet)
    try:
        deadline = time.monotonic() + 60
        while request(port, "PUT", f"/{BUCKET}")[0] != 200:
            assert time.monotonic() < deadline, "moto does not start"
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def request(port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
    """Status, headers and content of a reply; status 0 if there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, reply.getheaders(), reply.read()
    except OSError:
        return 0, [], b""
    finally:
        connection.close()


class Proxy(http.server.BaseHTTPRequestHandler):
    """Passes requests on, unless a fault is waiting for them."""

    protocol_version = "HTTP/1.1"
    server: "ProxyServer"

    def handle_any(self) -> None:
        """One request of any method."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}

        def passed_on() -> Reply:
            return request(self.server.behind, self.command, self.path, body, headers)

        self.server.seen.append(f"{self.command} {self.path}")
        fault = self.server.next_fault(self.command)
        if fault:
            fault(self, passed_on)
        else:
            self.answer(*passed_on())

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815  # as http.server calls them

    def answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        """Send a reply."""
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "server", "date"):
                self.send_header(name, value)
        length = {name.lower(): value for name, value in headers}.get("content-length", len(content))
        self.send_header("Content-Length", str(length if self.command == "HEAD" else len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class ProxyServer(http.server.ThreadingHTTPServer):
    """The proxy, with the faults that wait for the next requests of a method."""

    daemon_threads = True

    def __init__(self, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), Proxy)
        self.behind, self.seen = behind, list[str]()
        self._faults: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()

    def fail(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next requests of a method fail so."""
        self._faults.setdefault(method, []).extend([fault] * times)

    def next_fault(self, method: str) -> Fault | None:
        """The fault that waits for a request of this method, once."""
        with self._lock:
            waiting = self._faults.get(method)
            return waiting.pop(0) if waiting else None

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is nothing to report."""


class Unreliable(ProxyServer):
    """One request in twenty-five fails, in a way drawn at random."""

    def __init__(self, behind: int) -> None:
        super().__init__(behind)
        self.faults = 0
        self._chance = random.Random(22)  # noqa: S311  # a schedule of faults, no secret

    def next_fault(self, method: str) -> Fault | None:
        """Any fault that a request of the method can meet."""
        with self._lock:
            if self._chance.random() >= 1 / 25:
                return None
            self.faults += 1
            return self._chance.choice([unavailable, lost_reply, *([told_it_exists] if method == "PUT" else [])])


@contextmanager
def failing_before(port: int, kind: type[P]) -> Iterator[P]:
    """A proxy before an S3 server."""
    with kind(port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def unavailable(proxy: Proxy, _: object) -> None:
    """503, and nothing done."""
    proxy.answer(503, [], b"<Error><Code>SlowDown</Code></Error>")


def denied(proxy: Proxy, _: object) -> None:
    """403, and nothing done."""
    proxy.answer(403, [], b"<Error><Code>AccessDenied</Code></Error>")


def unconditional(proxy: Proxy, _: object) -> None:
    """501, as of a service that knows no conditions."""
    proxy.answer(501, [], b"<Error><Code>NotImplemented</Code><Message>A header you provided is not</Message></Error>")


def lost_reply(proxy: Proxy, passed_on: Callable[[], object]) -> None:
    """Do what is asked, then hang up without a word."""
    passed_on()
    proxy.close_connection = True
    proxy.connection.shutdown(socket.SHUT_RDWR)


def told_it_exists(proxy: Proxy, passed_on: Callable[[], Reply]) -> None:
    """Do what is asked, then answer as if it had been there before, where that was a condition."""
    reply = passed_on()
    conditional = "If-None-Match" in proxy.headers or "If-Match" in proxy.headers
    proxy.answer(*((412, [], b"<Error><Code>PreconditionFailed</Code></Error>") if conditional else reply))


def silent(proxy: Proxy, _: object) -> None:
    """Never answer, within a client's patience."""
    time.sleep(5)
    proxy.close_connection = True
