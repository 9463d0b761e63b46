"""A real SMTP server for tests, in a thread, on a free port of loopback, that can be told to misbehave.

It speaks through ``aiosmtpd``; what it should do wrong is said by ``behaviour``, which a test may change at any time.
"""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.smtp import Security

_HOST = "127.0.0.1"
_OK = "250 OK"
USER, PASSWORD = "consigne", "a password of tests"


@dataclass
class Behaviour:
    """What the server does: each reply may be replaced, and the connection dropped at two moments."""

    sender_reply: str = _OK
    recipient_reply: str = _OK
    message_reply: str = _OK
    drop_at_recipient: bool = False
    drop_after_message: bool = False
    keep_dropped: bool = True
    slow_seconds: float = 0.0


@dataclass
class SmtpServer:
    """A running server: where it listens, what it was told, and what it has taken."""

    port: int
    behaviour: Behaviour = field(default_factory=Behaviour)
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    host: str = _HOST
    ca_file: Path | None = None
    security: Security = Security.NONE

    # the names below are those that aiosmtpd looks for

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802, ARG002 - aiosmtpd's name and arguments
        """Answer the sender's address."""
        if self.behaviour.sender_reply == _OK:
            envelope.mail_from = address
        return self.behaviour.sender_reply

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802, ARG002 - aiosmtpd's name and arguments
        """Answer the recipient's address."""
        if self.behaviour.drop_at_recipient:
            _drop(server)
        if self.behaviour.recipient_reply == _OK:
            envelope.rcpt_tos.append(address)
        return self.behaviour.recipient_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - aiosmtpd's name and arguments
        """Take the message, or not."""
        behaviour = self.behaviour
        await asyncio.sleep(behaviour.slow_seconds)
        taken = behaviour.message_reply == _OK and (behaviour.keep_dropped or not behaviour.drop_after_message)
        if taken and isinstance(envelope.content, bytes):
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
            self.recipients.extend(envelope.rcpt_tos)
        if behaviour.drop_after_message:
            _drop(server)
        return behaviour.message_reply


def _drop(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


class _Running:
    """An event loop in a thread, with the server in it."""

    def __init__(self, tls: ssl.SSLContext | None, *, implicit: bool, login: bool) -> None:
        self._tls, self._implicit, self._login = tls, implicit, login
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.server = SmtpServer(port=0)
        self._listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=10)
        self.server.port = self._listening.sockets[0].getsockname()[1]

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._protocol, _HOST, 0, ssl=self._tls if self._implicit else None)

    def _protocol(self) -> SMTP:
        self.server.connections += 1
        return SMTP(
            self.server,
            hostname="smtp.test",
            loop=self._loop,
            tls_context=None if self._implicit else self._tls,
            require_starttls=self._tls is not None and not self._implicit,
            auth_required=self._login,
            authenticator=_authenticate if self._login else None,
        )

    def stop(self) -> None:
        """Close the port and end the thread."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _stop(self) -> None:
        self._listening.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:  # noqa: ARG001 - aiosmtpd's arguments
    right = isinstance(data, LoginPassword) and data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A plain server on loopback, without a password."""
    running = _Running(None, implicit=False, login=False)
    yield running.server
    running.stop()


@pytest.fixture
def starttls_server(smtp_certificate: tuple[Path, Path]) -> Iterator[SmtpServer]:
    """A server that asks for STARTTLS, then for ``USER`` and ``PASSWORD``."""
    yield from _secure(smtp_certificate, implicit=False)


@pytest.fixture
def tls_server(smtp_certificate: tuple[Path, Path]) -> Iterator[SmtpServer]:
    """A server that speaks TLS from the start, without a password."""
    yield from _secure(smtp_certificate, implicit=True)


@pytest.fixture(params=["starttls_server", "tls_server"])
def secure_smtp_server(request: pytest.FixtureRequest) -> SmtpServer:
    """Each of the two servers with TLS."""
    server = request.getfixturevalue(request.param)
    assert isinstance(server, SmtpServer)
    return server


def _secure(files: tuple[Path, Path], *, implicit: bool) -> Iterator[SmtpServer]:
    certificate, key = files
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    running = _Running(context, implicit=implicit, login=not implicit)
    running.server.ca_file = certificate
    running.server.security = Security.TLS if implicit else Security.STARTTLS
    yield running.server
    running.stop()


@pytest.fixture(scope="session")
def smtp_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for loopback that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "smtp.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(_HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("smtp")
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return certificate_file, key_file
