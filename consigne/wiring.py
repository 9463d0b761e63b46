"""Wiring: from settings to parts. The only module that makes adapters."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from consent.notices import Notices, load_notices
from consigne.errors import OutsideError, WrongUseError
from consigne.settings import ObjectsKind, Settings, VaultKind, VaultSettings, secret
from intake.admission import ACTOR, Admission
from intake.answering import Answering
from intake.attestations import Attestations
from intake.centre import Centre
from intake.confine import Pool
from intake.examining import Examiner, pool_for
from intake.flow import Intake
from intake.malware import ClamdScanner, NoScanner, Scanner
from intake.mp3.limits import Limits
from intake.policy import Policy
from intake.shares import Share
from intake.storing import Strongroom
from notifications.eml import EmlMailer
from notifications.mail import Sender
from notifications.parts import Contact
from notifications.smtp import Mailer, SmtpMailer, SmtpSettings
from registry import owners
from registry.clock import Clock, SystemClock
from registry.database import Database
from storage.directory_vault import DirectoryVault
from storage.embedded import SeaweedFS
from storage.errors import StorageError, StorageUnavailable
from storage.identity import PublicIdentity
from storage.objects import ObjectStore
from storage.probe import verify_probe
from storage.s3 import S3Settings
from storage.s3_objects import S3Objects
from storage.s3_vault import S3Vault
from storage.signing import parse_public
from storage.vault import KeyVault, Mirrored


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

    def close(self) -> None:
        """Close what was made."""
        for name in ("pool", "database"):
            if name in self.__dict__:
                getattr(self, name).close()
