"""A running embedded object store for tests: the very one that Consigne starts."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from storage.embedded import SeaweedFS

_HOP_BY_HOP = {"connection", "transfer-encoding", "expect"}


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """A store shared by the whole run: take a bucket or a key of your own, and do not kill it."""
    with SeaweedFS(tmp_path_factory.mktemp("seaweedfs")) as store:
        yield store


@pytest.fixture
def make_seaweedfs(tmp_path: Path) -> Iterator[Callable[[str], SeaweedFS]]:
    """Start stores of a test's own, by name, to be killed and restarted at will; they are stopped at its end."""
    with ExitStack() as stack:

        def make(name: str = "objects") -> SeaweedFS:
            store = SeaweedFS(tmp_path / name)
            stack.callback(store.stop)
            store.start()
            return store

        yield make


class LossyNetwork:
    """A network in front of an S3 endpoint that can lose an answer, or answer in the store's place.

    ``lose`` holds words of a request line (``"POST"``, ``"uploadId="``): the next request that has them all reaches the store, and its
    answer is lost. ``status`` set to a number answers every request with it, without asking the store.
    """

    def __init__(self, endpoint_url: str) -> None:
        self.lose: list[str] = []
        self.lost = 0
        self.status: int | None = None
        network, upstream = self, urlsplit(endpoint_url)

        class Handler(BaseHTTPRequestHandler):
            protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]  # as the standard library has it

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if network.status is not None:
                    self.answer(network.status, [], b"")
                    return
                connection = http.client.HTTPConnection(str(upstream.hostname), upstream.port, timeout=60)
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                data = answer.read()
                connection.close()
                if network.lose and all(word in self.requestline for word in network.lose):
                    network.lose, network.lost = [], network.lost + 1
                    self.close_connection = True
                    return
                self.answer(answer.status, answer.getheaders(), data)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one  # noqa: N815  # names that the standard library looks for

            def answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
                self.send_response_only(status)
                kept = [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP | {"content-length"}]
                length = dict(headers).get("Content-Length", "0") if self.command == "HEAD" else str(len(data))
                for name, value in [*kept, ("Content-Length", length)]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the network away."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
