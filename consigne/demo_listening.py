"""What listens in the demonstration: a browser with one cookie, which opens its link, lists, plays and seeks, over real HTTP."""

import http.client
import re
import socket
from urllib.parse import urlsplit

_TIMEOUT = 30
_BUFFER = 64 * 1024  # bytes that wait in the listener's own machine: what it has, nobody can call back
_SOURCE = re.compile(r"ecoute/(rec_[A-Za-z0-9]+)")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Browser:
    """One person's browser at the portal."""

    def __init__(self, link: str) -> None:
        """Have the link that stood in the mail, and no cookie yet."""
        self._link = urlsplit(link)
        self._cookie = ""

    def opens(self) -> bool:
        """Open the link; tell whether it shows a button, and signs nobody in by itself."""
        answer, page = self._ask("GET", self._link.path)
        return answer.status == http.client.OK and "Set-Cookie" not in answer.headers and b'method="post"' in page.lower()

    def presses(self) -> bool:
        """Press the button; tell whether that signs in."""
        answer, _ = self._ask("POST", self._link.path)
        self._cookie = str(answer.headers.get("Set-Cookie", "")).partition(";")[0]
        return answer.status == http.client.SEE_OTHER and bool(self._cookie)

    def asks_again(self) -> bool:
        """Ask for another link, on the page of one that was used."""
        answer, _ = self._ask("POST", f"{self._link.path}/nouveau")
        return answer.status == http.client.SEE_OTHER

    def listed(self) -> list[str]:
        """Return the recordings that the page offers."""
        _, page = self._ask("GET", "/ecoute")
        return list(dict.fromkeys(_SOURCE.findall(page.decode("utf-8"))))

    def range(self, recording_id: str, first: int, last: int) -> tuple[int, bytes]:
        """Ask for a range, both ends included; return the status and what came."""
        answer, body = self._ask("GET", f"/ecoute/{recording_id}", {"Range": f"bytes={first}-{last}"})
        return answer.status, body

    def plays(self, recording_id: str) -> "Playing":
        """Begin to play a recording, from its first byte."""
        connection = self._connection()
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        connection.request("GET", f"/ecoute/{recording_id}", headers={"Cookie": self._cookie, "Range": "bytes=0-"})
        return Playing(connection, connection.getresponse())

    def _ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[http.client.HTTPResponse, bytes]:
        connection = self._connection()
        cookie = {"Cookie": self._cookie} if self._cookie else {}
        body = b"" if method == "POST" else None
        try:
            connection.request(method, path, body, {**(_FORM if method == "POST" else {}), **cookie, **(headers or {})})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._link.hostname or "", self._link.port, timeout=_TIMEOUT)


class Playing:
    """A recording that is being played."""

    def __init__(self, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> None:
        """Take the answer, whose body has not been read."""
        self._connection = connection
        self._answer = answer
        self.announced = int(answer.headers.get("Content-Length", "0"))
        self.heard = b""

    def hears(self, size: int) -> None:
        """Take some more bytes."""
        self.heard += self._answer.read(size)

    def ends(self) -> bool:
        """Take all that still comes; tell whether it broke off short of what was announced."""
        try:
            self.heard += self._answer.read()
        except http.client.IncompleteRead as cut:
            self.heard += cut.partial
        finally:
            self._connection.close()
        return len(self.heard) < self.announced
