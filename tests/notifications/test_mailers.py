"""One contract for every mailer: in memory, as files, over SMTP to a real server."""

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from notifications.eml import EmlMailer
from notifications.errors import MailerUnavailableError
from notifications.mail import Sender, build_message
from notifications.smtp import Mailer, MemoryMailer, Security, SmtpMailer, SmtpSettings
from tests.notifications.making import NOW, mail
from tests.support.smtp import SmtpServer

SENDER = Sender("Consigne, centre d’essai", "consigne@example.org")
Delivered = Callable[[], list[EmailMessage]]


def message(number: int = 1, subject: str | None = None) -> EmailMessage:
    """Return a message with a Message-ID of its own."""
    value = mail() if subject is None else mail(subject=subject)
    return build_message(value, message_id=f"<mail_{number}@example.org>", date=NOW, sender=SENDER)


@pytest.fixture(params=["memory", "eml", "smtp"])
def mailer(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Mailer, Delivered]:
    """A mailer, and how to see what it delivered, read back from its bytes."""
    match request.param:
        case "memory":
            memory = MemoryMailer()
            return memory, lambda: [message_from_bytes(m.as_bytes(), policy=policy.default) for m in memory.sent]
        case "eml":
            folder = tmp_path / "mails"
            return EmlMailer(folder), lambda: [
                message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))
            ]
        case _:
            server: SmtpServer = request.getfixturevalue("smtp_server")
            settings = SmtpSettings(server.host, server.port, Security.NONE, timeout=5)
            return SmtpMailer(settings), lambda: server.received


def test_what_arrives_is_what_was_sent(mailer: tuple[Mailer, Delivered]) -> None:
    """Text, HTML, attachment, subject and identity arrive whole, whatever their letters."""
    send, delivered = mailer
    send.send(message())
    (arrived,) = delivered()
    assert arrived["Subject"] == mail().subject
    assert arrived["Message-ID"] == "<mail_1@example.org>"
    assert arrived["To"].addresses[0].addr_spec == "camille@example.org"
    assert arrived["From"].addresses[0].display_name == SENDER.name
    assert arrived["Auto-Submitted"] == "auto-generated"
    plain, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == mail().text
    assert html.get_content().strip() == mail().html
    (attached,) = arrived.iter_attachments()
    assert attached.get_filename() == "1 - Bien reçu.pdf"
    assert attached.get_content() == b"%PDF-1.4 un contenu\r\n.\r\n"


def test_two_mails_arrive_as_two(mailer: tuple[Mailer, Delivered]) -> None:
    """One send never hides another."""
    send, delivered = mailer
    send.send(message(1))
    send.send(message(2))
    assert [m["Message-ID"] for m in delivered()] == ["<mail_1@example.org>", "<mail_2@example.org>"]


_SUBJECTS = [
    "État des dépôts - CQP · Bloc 1 · Juin 2026",
    "Received: there is nothing more to do - CQP Conseiller Entreprise · Unit 1 · session of 15 June 2026",
    "é" * 150,
    "a b " * 40 + "🎓",
    "שלום " * 20,
]


@pytest.mark.parametrize("subject", _SUBJECTS)
def test_subjects_survive_folding(mailer: tuple[Mailer, Delivered], subject: str) -> None:
    """A long subject in any script comes back letter for letter."""
    send, delivered = mailer
    send.send(message(subject=subject.strip()))
    assert delivered()[0]["Subject"] == subject.strip()


def test_a_check_sends_nothing(mailer: tuple[Mailer, Delivered]) -> None:
    """Asking whether mails could leave delivers none."""
    send, delivered = mailer
    send.check()
    assert delivered() == []


def test_a_message_to_two_is_refused(mailer: tuple[Mailer, Delivered]) -> None:
    """A message goes to one address: nobody sees another's."""
    send, delivered = mailer
    two = message()
    del two["To"]
    two["To"] = "a@example.org, b@example.org"
    with pytest.raises(ValueError, match="one address"):
        send.send(two)
    assert delivered() == []


def test_eml_files_are_private_and_whole(tmp_path: Path) -> None:
    """A mail written twice is one file, readable by its owner alone, and no temporary file stays."""
    folder = tmp_path / "mails"
    EmlMailer(folder).send(message())
    EmlMailer(folder).send(message())
    (file,) = folder.iterdir()
    assert file.name == "mail_1@example.org.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_eml_without_a_folder_waits(tmp_path: Path) -> None:
    """A folder that cannot be made is an outage, not a loss."""
    (tmp_path / "mails").write_text("a file stands here")
    with pytest.raises(MailerUnavailableError) as caught:
        EmlMailer(tmp_path / "mails").send(message())
    assert caught.value.server
    with pytest.raises(MailerUnavailableError):
        EmlMailer(tmp_path / "mails").check()
