"""A centre that kills itself at a named point, as a power cut would: ``python -m tests.scenarios.dying HOME TRAP``.

It is the real centre. The points between its steps are watched by adapters that implement the ports and act as the real ones until
then. The trap is a file: while it holds the name of a point, the process dies there by SIGKILL; while there is none, nothing differs.
"""

import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from typing_extensions import override

from consigne import logs, settings
from consigne.running import Running
from consigne.wiring import Parts
from intake.flow import Intake, Step
from intake.shares import Identity, Place, Share
from notifications.smtp import Mailer
from storage.keyfile import Held, KeyFile, Tombstone
from storage.objects import ObjectStore, Removed, Span, Stored, Upload, Version
from storage.vault import KeyVault, Mirrored
from tests.scenarios.centre import STAFF_MAIL, Centre, Process


def start(centre: Centre, trap: "Trap", *, wait: bool = True) -> Process:
    """Start a centre that dies at the point that the trap names."""
    return centre.run([sys.executable, "-m", "tests.scenarios.dying", str(centre.home), str(trap.path)], wait=wait)


class Point(StrEnum):
    """Where it can be killed: after each numbered step, and between the side effects inside one."""

    AFTER_CLAIM = "after_claim"
    AFTER_READ = "after_read"
    AFTER_JUDGE = "after_judge"
    AFTER_ATTEMPT = "after_attempt"
    AFTER_UPLOAD = "after_upload"
    AFTER_READ_BACK = "after_read_back"
    AFTER_KEEP_KEY = "after_keep_key"
    AFTER_COMMIT = "after_commit"
    AFTER_TAKE_AWAY = "after_take_away"
    SOUND_UNDER_WAY = "sound_under_way"
    SOUND_STORED = "sound_stored"
    KEY_IN_VAULT = "key_in_vault"
    KEY_IN_BOTH = "key_in_both"
    SET_ASIDE = "set_aside"
    ANSWER_WRITTEN = "answer_written"
    MAIL_CLAIMED = "mail_claimed"
    MAIL_SENT = "mail_sent"
    ENTOMBED = "entombed"
    ENTOMBED_IN_BOTH = "entombed_in_both"
    REMOVED = "removed"
    GATE_ASK = "gate_ask"
    GATE_BEGIN = "gate_begin"
    GATE_ENTOMB = "gate_entomb"
    GATE_DELETE = "gate_delete"
    GATE_PROVE = "gate_prove"
    GATE_COMPLETE = "gate_complete"
    GATE_CERTIFY = "gate_certify"


@dataclass(frozen=True)
class Trap:
    """The file that says where to die."""

    path: Path

    def reached(self, point: Point) -> None:
        """Die here, if this is the point."""
        if self.is_set(point):
            os.kill(os.getpid(), signal.SIGKILL)

    def is_set(self, point: Point) -> bool:
        """Tell whether the process is to die at a point."""
        try:
            return self.path.read_text("ascii") == point
        except FileNotFoundError:
            return False

    def set(self, point: Point) -> None:
        """Name the point, in one step."""
        written = self.path.with_suffix(".part")
        written.write_text(point, "ascii")
        written.replace(self.path)

    def clear(self) -> None:
        """Let the process live."""
        self.path.unlink(missing_ok=True)

    def after(self, step: Step) -> None:
        """Watch the flow's numbered steps."""
        self.reached(Point(f"after_{step.name.lower()}"))


@dataclass(frozen=True)
class DyingObjects:
    """An object store that can be the last thing this process touched."""

    real: ObjectStore
    trap: Trap

    def put(self, key: str, chunks: Iterable[bytes], length: int) -> Stored:
        """Store; die in the middle of a large object, or once the first of a recording's two is stored."""
        stored = self.real.put(key, self._watched(chunks), length)
        self.trap.reached(Point.SOUND_STORED)
        return stored

    def _watched(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        sent = 0
        for chunk in chunks:
            sent += len(chunk)
            yield chunk
            if sent > 10 << 20:  # the first part, of 8 MiB, has left
                self.trap.reached(Point.SOUND_UNDER_WAY)

    def get_range(self, key: str, version_id: str | None, start: int, stop: int) -> Span:
        """See :class:`ObjectStore`."""
        return self.real.get_range(key, version_id, start, stop)

    def versions(self, key: str) -> tuple[Version, ...]:
        """See :class:`ObjectStore`."""
        return self.real.versions(key)

    def keys(self) -> Iterator[str]:
        """See :class:`ObjectStore`."""
        return self.real.keys()

    def uploads(self, key: str | None = None) -> tuple[Upload, ...]:
        """See :class:`ObjectStore`."""
        return self.real.uploads(key)

    def abort(self, upload: Upload) -> None:
        """See :class:`ObjectStore`."""
        self.real.abort(upload)

    def remove_all(self, key: str) -> Removed:
        """Remove; die once the first of a discarded attempt's two objects is gone."""
        removed = self.real.remove_all(key)
        self.trap.reached(Point.REMOVED)
        return removed

    def ping(self) -> None:
        """See :class:`ObjectStore`."""
        self.real.ping()


@dataclass(frozen=True)
class DyingVault:
    """A vault that can be the last thing this process touched."""

    real: KeyVault
    trap: Trap
    put_point: Point
    entomb_point: Point

    def put(self, key_file: KeyFile) -> None:
        """Hold a key, and die."""
        self.real.put(key_file)
        self.trap.reached(self.put_point)

    def get(self, attempt_id: str) -> Held | None:
        """See :class:`KeyVault`."""
        return self.real.get(attempt_id)

    def entomb(self, tombstone: Tombstone) -> None:
        """Entomb a key, and die."""
        self.real.entomb(tombstone)
        self.trap.reached(self.entomb_point)

    def list(self) -> Iterator[str]:
        """See :class:`KeyVault`."""
        return self.real.list()


class DyingShare(Share):
    """A shared folder that can be the last thing this process touched."""

    def __init__(self, root: Path, trap: Trap) -> None:
        super().__init__(root)
        self._trap = trap

    @override
    def set_aside(self, place: Place, attempt: str) -> bool:
        done = super().set_aside(place, attempt)
        self._trap.reached(Point.SET_ASIDE)
        return done

    @override
    def write(self, folder: tuple[bytes, ...], name: bytes, content: bytes, *, over_ours: bool = False) -> Identity:
        written = super().write(folder, name, content, over_ours=over_ours)
        if name.startswith(b"1 - "):
            self._trap.reached(Point.ANSWER_WRITTEN)
        return written


@dataclass(frozen=True)
class DyingMailer:
    """A mailer that can be the last thing this process touched."""

    real: Mailer
    trap: Trap

    def send(self, message: EmailMessage) -> None:
        """Send, and die before or after an answer: the other mails of a centre leave when they like."""
        answer = str(message["To"]) != STAFF_MAIL and next(message.iter_attachments(), None) is not None
        if answer:
            self.trap.reached(Point.MAIL_CLAIMED)
        self.real.send(message)
        if answer:
            self.trap.reached(Point.MAIL_SENT)

    def check(self) -> None:
        """See :class:`Mailer`."""
        self.real.check()


@dataclass(frozen=True, kw_only=True)
class DyingParts(Parts):
    """The parts of a real centre, each of which can be the last thing this process touched."""

    trap: Trap

    @cached_property
    @override
    def share(self) -> Share:
        return DyingShare(super().share.root, self.trap)

    @cached_property
    @override
    def objects(self) -> ObjectStore:
        return DyingObjects(super().objects, self.trap)

    @cached_property
    @override
    def vaults(self) -> Mirrored:
        real = super().vaults
        return Mirrored(
            DyingVault(real.vault, self.trap, Point.KEY_IN_VAULT, Point.ENTOMBED),
            DyingVault(real.mirror, self.trap, Point.KEY_IN_BOTH, Point.ENTOMBED_IN_BOTH),
        )

    @cached_property
    @override
    def mailer(self) -> Mailer:
        return DyingMailer(super().mailer, self.trap)

    @override
    def intake(self, share: Share | None = None) -> Intake:
        return replace(super().intake(share), after=self.trap.after)


def main() -> None:
    """Run the centre until the trap springs."""
    logs.configure()
    home, trap = Path(sys.argv[1]), Path(sys.argv[2])
    with Running(DyingParts(settings.load(home), trap=Trap(trap)), portal=False) as running:
        sys.stdout.write(json.dumps({"ready": True}) + "\n")
        sys.stdout.flush()
        running.wait()


if __name__ == "__main__":
    main()
