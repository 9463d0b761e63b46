"""Wiring: from settings to parts. The only module that makes adapters."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from consent.notices import Notices, load_notices
from consigne.deposits import FolderOriginals, FolderPapers
from consigne.errors import OutsideError, WrongUseError
from consigne.settings import ObjectsKind, Settings, VaultKind, VaultSettings, secret
from intake.admission import ACTOR, Admission
from intake.answering import Answering
from intake.attestations import Attestations
from intake.confine import Pool
from intake.examining import Examiner, pool_for
from intake.flow import Intake
from intake.malware import ClamdScanner, NoScanner, Scanner
from intake.mp3.limits import Limits
from intake.policy import Policy
from intake.shares import Share
from intake.storing import Strongroom
from notifications.centre import Centre
from notifications.eml import EmlMailer
from notifications.mail import Sender
from notifications.parts import Contact
from notifications.smtp import Mailer, SmtpMailer, SmtpSettings
from registry import owners
from registry.clock import Clock, SystemClock
from registry.database import Database
from registry.tables import DisposalRun
from retention import due, listing, runs
from retention.anchor_places import BucketPlace, DirectoryPlace, SegmentPlace
from retention.anchors import Anchors
from retention.certificate_facts import CentreFacts
from retention.certifying import Certifier
from retention.clearing import Clearing, clear_recording
from retention.destroying import Destroyer, Run
from retention.gate import Gate
from retention.guards import ClockReferences, Guards, ReferenceUnavailableError
from retention.proving import Witness
from retention.questions import Questions
from retention.references import MachineReferences
from retention.statement import Statement
from retention.telling import Telling
from retention.undertaking import Undertakings
from sharing.keys import Keyring
from sharing.room import Room
from sharing.sound import Sounds
from storage.directory_vault import DirectoryVault
from storage.embedded import SeaweedFS
from storage.errors import StorageError, StorageUnavailable, Tampered
from storage.identity import Identity, PublicIdentity
from storage.objects import ObjectStore
from storage.probe import verify_probe
from storage.s3 import S3Settings
from storage.s3_objects import S3Objects
from storage.s3_vault import S3Vault
from storage.signing import LogKey, parse_public, public_text
from storage.vault import KeyVault, Mirrored
from storage.wrapping import NoWrapping, PassphraseWrapping, read_secret

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_SOFTWARE = f"consigne-{version('consigne')}"


@dataclass(frozen=True)
class Parts:
    """The parts of one installation, each made when first asked for."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def database(self) -> Database:
        """The database, as the settings name it."""
        return Database(self.settings.url)

    @cached_property
    def policy(self) -> Policy:
        """How intake behaves."""
        told = self.settings.folders
        return Policy(
            settle=timedelta(seconds=told.settle_seconds),
            patience=timedelta(minutes=told.patience_minutes),
            max_files_per_folder=told.max_files,
            floor_bytes=told.floor_mb * 1_000_000,
        )

    @cached_property
    def share(self) -> Share:
        """The shared folder."""
        return Share(self.settings.path(self.settings.folders.root))

    @cached_property
    def centre(self) -> Centre:
        """The centre, as people are told of it."""
        told = self.settings.centre
        return Centre(
            name=told.name,
            portal_url=self.settings.portal.url.rstrip("/"),
            contact=Contact(told.contact_name, told.contact_mail, told.teams_link),
            mail_domain=self.settings.mail.sender.rpartition("@")[2],
            max_bytes=self.policy.max_bytes,
            postal_grace_days=self.settings.retention.postal_grace_days,
        )

    @cached_property
    def embedded(self) -> SeaweedFS | None:
        """The embedded store, where the settings ask for it. Whoever runs the centre starts and stops it."""
        if self.settings.objects.kind is not ObjectsKind.EMBEDDED:
            return None
        return SeaweedFS(self.settings.path(self.settings.objects.directory))

    @cached_property
    def objects(self) -> ObjectStore:
        """The object store. The embedded one must run, here or in the process that runs the centre.

        Another that does not answer now is waited for: its bucket is checked before the first put.

        Raises:
            OutsideError: the embedded one does not answer.
            StorageRefused: a recording could not be destroyed in this bucket.
        """
        told = self.settings.objects
        try:
            if self.embedded is not None:
                return self.embedded.objects(told.bucket)
        except StorageUnavailable as error:
            raise OutsideError(f"the object store does not answer: {error}") from error
        way = self._s3(told.bucket, told.endpoint_url, told.region, told.access_key_file, told.secret_key_file)
        store = S3Objects(way, check_first=True)
        with suppress(StorageUnavailable):
            store.check_bucket()
        return store

    def _s3(self, bucket: str, endpoint: str | None, region: str, access: Path | None, hidden: Path | None) -> S3Settings:
        return S3Settings(
            bucket,
            endpoint,
            region,
            access_key=secret(self.settings.path(access)) if access else None,
            secret_key=secret(self.settings.path(hidden)) if hidden else None,
            ca_bundle=str(self.settings.path(self.settings.objects.ca_bundle)) if self.settings.objects.ca_bundle else None,
        )

    def _vault(self, told: VaultSettings, name: str) -> KeyVault:
        if told.kind is VaultKind.DIRECTORY:
            if told.directory is None:
                raise WrongUseError(f"the settings of the {name} name no directory")
            return DirectoryVault(self.settings.path(told.directory))
        if told.bucket is None:
            raise WrongUseError(f"the settings of the {name} name no bucket")
        way = self._s3(told.bucket, told.endpoint_url, told.region, told.access_key_file, told.secret_key_file)
        vault = S3Vault(way, check_first=True)
        with suppress(StorageUnavailable):
            vault.check_bucket()
        return vault

    @cached_property
    def vaults(self) -> Mirrored:
        """The vault and its mirror."""
        return Mirrored(self._vault(self.settings.vault, "vault"), self._vault(self.settings.mirror, "mirror"))

    @cached_property
    def identity(self) -> PublicIdentity:
        """The public half of the centre's identity, once it is proved that the private half opens what it seals.

        Raises:
            WrongUseError: the proof is missing or is another identity's: intake must not begin.
        """
        told = self.settings.identity
        public = PublicIdentity.parse(told.public)
        try:
            verify_probe(self.settings.path(told.probe_file).read_bytes(), public, parse_public(told.log_public))
        except (OSError, StorageError) as error:
            raise WrongUseError(
                "nothing proves that this centre can open what it seals: put identity/probe.json back from where init wrote it",
            ) from error
        return public

    @cached_property
    def opener(self) -> Identity:
        """The identity's private half: only the listening service asks for it.

        Raises:
            StorageError: its file or passphrase cannot be read, or do not fit.
        """
        told = self.settings.identity
        passphrase = read_secret(self.settings.path(told.passphrase_file)).decode("utf-8")
        return Identity.load(self.settings.path(told.private_file), PassphraseWrapping(passphrase))

    @cached_property
    def openers(self) -> tuple[Identity, ...]:
        """The identity, and the older ones that lie beside it: each opens the recordings that were sealed to it.

        Raises:
            StorageError: as :attr:`opener`.
        """
        told, found = self.settings.identity, [self.opener]
        how = PassphraseWrapping(read_secret(self.settings.path(told.passphrase_file)).decode("utf-8"))
        for path in sorted(self.settings.path(told.private_file).parent.glob("private*.json")):
            with suppress(Tampered):  # wrapped with another passphrase: what a rotation that was stopped left
                other = Identity.load(path, how) if path != self.settings.path(told.private_file) else self.opener
                if other.identity_id not in {one.identity_id for one in found}:
                    found.append(other)
        return tuple(found)

    @cached_property
    def room(self) -> Room:
        """What serves sound to those who may hear it. The identity is opened when somebody first listens."""
        keys = Keyring(self.vaults, lambda: self.openers)
        return Room(self.database, Sounds(self.database, self._reachable_objects, keys, self.clock), self.clock)

    def _reachable_objects(self) -> ObjectStore:
        try:
            return self.objects
        except OutsideError as error:
            raise StorageUnavailable(str(error)) from error

    @cached_property
    def log_key(self) -> LogKey:
        """The private half of the log key: signs checkpoints and certificates.

        Raises:
            StorageError: it is not there, or is another than the settings name.
        """
        told = self.settings.identity
        key = LogKey.load(self.settings.path(told.log_key_file), NoWrapping())
        if public_text(key.public) != told.log_public:
            raise WrongUseError("the settings name another log key than signing/ holds: put its file back, or correct log_public")
        return key

    @cached_property
    def anchor_places(self) -> tuple[SegmentPlace, ...]:
        """Where the journal's segments are kept outside the database."""
        told = self.settings.anchors
        directory = DirectoryPlace(self.settings.path(told.directory))
        if told.bucket is None:
            return (directory,)
        bucket = self._s3(told.bucket, told.endpoint_url, told.region, told.access_key_file, told.secret_key_file)
        return (directory, BucketPlace(S3Objects(bucket)))

    @cached_property
    def anchors(self) -> Anchors:
        """What signs the journal, and puts outside what was signed."""
        return Anchors(self.database, self.log_key, self.anchor_places)

    @cached_property
    def pool(self) -> Pool:
        """The confined processes."""
        return pool_for(Limits(), size=self.settings.intake.workers)

    @cached_property
    def scanner(self) -> Scanner:
        """The malware scanner, where the settings name its socket."""
        told = self.settings.intake.clamd_socket
        return ClamdScanner(self.settings.path(told)) if told else NoScanner()

    @cached_property
    def answering(self) -> Answering:
        """What says the answers."""
        return Answering(self.centre, self.policy)

    @cached_property
    def attestations(self) -> Attestations:
        """What takes attestations in."""
        return Attestations(self.database, self.answering, self.notices, self.clock, ACTOR)

    @cached_property
    def notices(self) -> Notices:
        """The notices that clients may have heard: those shipped, and the centre's own."""
        return load_notices(self.settings.path(self.settings.notices) if self.settings.notices else None)

    def intake(self, share: Share | None = None) -> Intake:
        """Assemble the flow, on the shared folder or on another place of files."""
        owner = owners.this_process()
        return Intake(
            database=self.database,
            share=share or self.share,
            examiner=Examiner(self.pool),
            strongroom=Strongroom(self.objects, self.vaults, self.identity),
            admission=Admission(self.database, self.answering, self.policy, owner),
            answering=self.answering,
            attestations=self.attestations,
            clock=self.clock,
            policy=self.policy,
            owner=owner,
            scanner=self.scanner,
        )

    @cached_property
    def mailer(self) -> Mailer:
        """The way out for mail: a server, or a folder of ``.eml`` files."""
        told = self.settings.mail
        if told.host is None:
            return EmlMailer(self.settings.path(told.outbox))
        password = secret(self.settings.path(told.password_file)) if told.password_file else None
        ca_file = str(self.settings.path(told.ca_file)) if told.ca_file else None
        return SmtpMailer(SmtpSettings(told.host, told.port, told.security, told.username, password, ca_file=ca_file))

    @cached_property
    def sender(self) -> Sender:
        """Who the mails come from."""
        return Sender(self.settings.mail.sender_name, self.settings.mail.sender)

    @cached_property
    def witness(self) -> Witness:
        """A second client of the object store, which can only read where the store knows rights: it proves destructions."""
        told = self.settings.objects
        if self.embedded is not None:
            return S3Objects(self.embedded.reader_settings(told.bucket))
        access, hidden = told.reader_access_key_file or told.access_key_file, told.reader_secret_key_file or told.secret_key_file
        return S3Objects(self._s3(told.bucket, told.endpoint_url, told.region, access, hidden))

    @cached_property
    def references(self) -> ClockReferences:
        """What the clock is compared with before anything is destroyed."""
        return MachineReferences(self.database, self._store_time, self._one_machine, self.settings.clock.reference_url)

    def _store_time(self) -> datetime:
        store = self._reachable_objects()
        return store.time() if isinstance(store, S3Objects) else self.clock.now()

    @property
    def _one_machine(self) -> bool:
        """Whether nothing of the installation lives elsewhere, whose clock could contradict this machine's."""
        address, endpoint = self.database.engine.url, urlsplit(self.settings.objects.endpoint_url or "").hostname
        database_here = self.database.is_sqlite or address.host in {None, *_HERE} or str(address.query.get("host", "")).startswith("/")
        return database_here and (self.embedded is not None or endpoint in _HERE)

    def destroyer(self) -> Destroyer:
        """Assemble the gate, and the sweep that sends through it what is due.

        Raises:
            OutsideError: the object store does not answer.
        """
        choices, telling = self.settings.retention.choices, Telling(self.centre)
        statement = Statement(
            CentreFacts(self.centre.name, self.centre.contact.mail, self.settings.identity.log_public),
            choices,
            _SOFTWARE,
            embedded=self.embedded is not None,
        )
        gate = Gate(
            undertakings=Undertakings(self.database, Questions(choices, runs.approved_by), owners.this_process()),
            objects=self.objects,
            witness=self.witness,
            vaults=self.vaults,
            originals=FolderOriginals(self.database, self.share),
            state=statement,
            certify=Certifier(self.database, self.anchors.sign, telling.certified),
            clear=clear_recording,
            tell=telling.failed,
            clock=self.clock,
        )
        guards = Guards(
            self.database,
            self.clock,
            self.references,
            timedelta(days=choices.max_silence_days),
            (ReferenceUnavailableError, StorageError),
        )
        compact = self.embedded.compact if self.embedded is not None else None
        return Destroyer(self.database, gate, guards, self._draw_up, self._close_run, compact)

    def _draw_up(self, now: datetime) -> list[Run]:
        """Write the lists of this moment down, and return those that may go on."""
        choices = self.settings.retention.choices
        due.recompute(self.database, choices)
        ids = runs.draw_up(self.database, self.centre, choices, now)
        with self.database.reading() as session:
            lines = {one: runs.lines_of(session.get_one(DisposalRun, one)) for one in ids}
        return [Run(one, tuple(line.recording_id for line in lines[one])) for one in ids]

    def _close_run(self, run_id: str, now: datetime) -> None:
        with self.database.reading() as session:
            run = session.get_one(DisposalRun, run_id)
            told = listing.ended(session, run, centre=self.centre.name, software=_SOFTWARE, now=now)
        with self.database.transaction(now, runs.ACTOR) as tx:
            runs.finish(tx, run_id, told.sign(self.log_key.private))

    def clearing(self) -> Clearing:
        """Assemble what clears dossiers that are over."""
        return Clearing(self.database, FolderPapers(self.share, self.mailer), self.settings.retention.choices)

    def close(self) -> None:
        """Close what was made."""
        for name in ("room", "pool", "database"):
            if name in self.__dict__:
                getattr(self, name).close()
