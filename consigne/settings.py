"""Settings: ``consigne.toml`` in the centre's directory, overridden by the environment; secrets from files.

The only module that reads the environment. ``CONSIGNE_<SECTION>__<KEY>`` overrides one key, for example
``CONSIGNE_FOLDERS__ROOT``. A key that is not known is refused, with the ones that are.
"""

import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from consigne.errors import WrongUseError
from notifications.smtp import Security
from registry import addresses
from registry.codes import Language
from registry.errors import RefusedError
from registry.schemes import Approval
from retention import calendars
from retention.errors import UnknownCalendarError
from retention.terms import Choices, Confirmation

FILE = "consigne.toml"
HOME = "CONSIGNE_HOME"
_PREFIX = "CONSIGNE_"


def _address(text: str) -> str:
    try:
        return addresses.checked(text)
    except RefusedError as error:
        raise ValueError(str(error)) from error


def web_address(text: str) -> str:
    """Return the address of pages, without a slash at its end.

    Raises:
        ValueError: it is not one.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an address of pages: write it as https://depot.example.org")
    return text.rstrip("/")


def _calendar(name: str) -> str:
    try:
        calendars.of(name)
    except UnknownCalendarError as error:
        raise ValueError(str(error)) from error
    return name


_Address = Annotated[str, AfterValidator(_address)]
_WebAddress = Annotated[str, AfterValidator(web_address)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CentreSettings(_Section):
    """Who the centre is, and whom to ask until coordinators are enrolled."""

    name: str
    contact_name: str
    contact_mail: _Address
    teams_link: str | None = None
    language: Language = Language.FR


class Watching(StrEnum):
    """How the shared folder is watched."""

    AUTO = "auto"  # inotify, and polling beside it
    POLL = "poll"  # for network and synchronised shares


class FolderSettings(_Section):
    """The shared folder. Times in seconds or minutes, as named."""

    root: Path = Path("depots")
    watch: Watching = Watching.AUTO
    poll_seconds: Annotated[float, Field(gt=0)] = 15
    settle_seconds: Annotated[float, Field(ge=0)] = 5
    patience_minutes: Annotated[float, Field(ge=0)] = 2
    floor_mb: Annotated[int, Field(ge=0)] = 500
    max_files: Annotated[int, Field(gt=0)] = 20


class ObjectsKind(StrEnum):
    """Where sealed recordings go."""

    EMBEDDED = "embedded"
    S3 = "s3"


class ObjectSettings(_Section):
    """The object store. Without key files, an S3 client looks for credentials where it always does.

    The reader's keys may only read and list: they are the witness of destructions. Without them, a second client of the same rights is.
    """

    kind: ObjectsKind = ObjectsKind.EMBEDDED
    bucket: str = "recordings"
    directory: Path = Path("store")
    endpoint_url: str | None = None
    region: str = "us-east-1"
    access_key_file: Path | None = None
    secret_key_file: Path | None = None
    reader_access_key_file: Path | None = None
    reader_secret_key_file: Path | None = None
    ca_bundle: Path | None = None


class VaultKind(StrEnum):
    """Where sealed keys go."""

    DIRECTORY = "directory"
    S3 = "s3"


class VaultSettings(_Section):
    """One vault: a directory, or a bucket that keeps no versions."""

    kind: VaultKind = VaultKind.DIRECTORY
    directory: Path | None = None
    bucket: str | None = None
    endpoint_url: str | None = None
    region: str = "us-east-1"
    access_key_file: Path | None = None
    secret_key_file: Path | None = None


class IdentitySettings(_Section):
    """The centre's identity: its public half, and where the wrapped private half lies."""

    public: str
    private_file: Path = Path("identity/private.json")
    passphrase_file: Path = Path("identity/passphrase")
    probe_file: Path = Path("identity/probe.json")
    log_key_file: Path = Path("signing/log-key.json")
    log_public: str


class MailSettings(_Section):
    """How mail leaves. Without a host, ``.eml`` files are written into ``outbox``."""

    sender: _Address
    sender_name: str
    host: str | None = None
    port: int = 587
    security: Security = Security.STARTTLS
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    outbox: Path = Path("outbox")
    report_at_hour: Annotated[int, Field(ge=0, le=23)] = 7


class PortalSettings(_Section):
    """Where the portal listens, and the address that people are given. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8750
    url: _WebAddress = "http://127.0.0.1:8750"


class IntakeSettings(_Section):
    """How many files are judged at once; the malware scanner where there is one."""

    workers: Annotated[int, Field(gt=0, le=64)] = 2
    clamd_socket: Path | None = None


class RetentionSettings(_Section):
    """What the centre chooses about destructions. Days are civil days; None where the scheme's own value holds, or ``doctor`` asks."""

    postal_grace_days: Annotated[int, Field(ge=0, le=366)] | None = None
    calendars: list[Annotated[str, AfterValidator(_calendar)]] = []
    recourse_check: bool | None = None
    confirmation: Confirmation = Confirmation.ONE
    approval: Approval | None = None
    snapshot_retention_days: Annotated[int, Field(ge=0)] | None = None
    max_destructions_per_day: Annotated[int, Field(gt=0)] = 50
    max_silence_days: Annotated[int, Field(gt=0)] = 3
    proof_retention_years: Annotated[int, Field(gt=0)] = 5

    @property
    def choices(self) -> Choices:
        """These settings as values that retention takes."""
        return Choices(**self.model_dump() | {"calendars": tuple(self.calendars)})


class AnchorSettings(_Section):
    """Where the journal's segments go outside the database: a directory, and a bucket if one is named, best an outside one with lock."""

    directory: Path = Path("anchors")
    bucket: str | None = None
    endpoint_url: str | None = None
    region: str = "us-east-1"
    access_key_file: Path | None = None
    secret_key_file: Path | None = None


class ClockSettings(_Section):
    """An ``https`` server outside, whose date the clock must agree with before anything is destroyed."""

    reference_url: _WebAddress | None = None


class Settings(_Section):
    """Everything that one installation is told. Relative paths start at ``home``."""

    home: Path
    centre: CentreSettings
    database_url: str = "sqlite:///consigne.db"
    folders: FolderSettings = FolderSettings()
    objects: ObjectSettings = ObjectSettings()
    vault: VaultSettings = VaultSettings(directory=Path("vault"))
    mirror: VaultSettings = VaultSettings(directory=Path("mirror"))
    identity: IdentitySettings
    mail: MailSettings
    portal: PortalSettings = PortalSettings()
    intake: IntakeSettings = IntakeSettings()
    retention: RetentionSettings = RetentionSettings()
    clock: ClockSettings = ClockSettings()
    anchors: AnchorSettings = AnchorSettings()
    notices: Path | None = None

    def path(self, relative: Path) -> Path:
        """Return a path of the settings, from the centre's directory."""
        return self.home / relative

    @property
    def url(self) -> str:
        """The database's URL, a SQLite file's path made absolute."""
        prefix = "sqlite:///"
        if self.database_url.startswith(prefix) and not self.database_url.startswith("sqlite:////"):
            return f"{prefix}{self.home / self.database_url.removeprefix(prefix)}"
        return self.database_url


def home_of(given: Path | None, environment: Mapping[str, str] | None = None) -> Path:
    """Return the centre's directory: the one given, else the environment's.

    Raises:
        WrongUseError: neither names one, or it holds no centre.
    """
    told = given or (Path(value) if (value := (environment or os.environ).get(HOME)) else None)
    if told is None:
        raise WrongUseError(f"no centre is named: give --home DIR, or set {HOME}")
    if not (told / FILE).is_file():
        raise WrongUseError(f"{told} holds no {FILE}: run “consigne init {told}” first, or name another directory")
    return told.absolute()


def load(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of one centre.

    Raises:
        WrongUseError: the file cannot be read, or says something that is not known; each fault is named.
    """
    try:
        with (home / FILE).open("rb") as file:
            told = tomllib.load(file)
    except OSError as error:
        raise WrongUseError(f"{home / FILE} cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise WrongUseError(f"{home / FILE} is not valid TOML: {error}") from error
    try:
        return Settings.model_validate({**_overridden(told, environment or os.environ), "home": home.absolute()})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise WrongUseError(f"{home / FILE} says what is not understood: {faults}") from error


def _overridden(told: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    merged: dict[str, Any] = {key: dict(value) if isinstance(value, Mapping) else value for key, value in told.items()}
    for name, value in environment.items():
        if not name.startswith(_PREFIX) or name == HOME:
            continue
        section, _, key = name.removeprefix(_PREFIX).lower().partition("__")
        if key:
            merged.setdefault(section, {})[key] = value
        elif section in Settings.model_fields:
            merged[section] = value
    return merged


def secret(path: Path) -> str:
    """Read a secret from its file, without the end of line.

    Raises:
        WrongUseError: it cannot be read, or others may read it.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise WrongUseError(f"{path} can be read by others: chmod 600 it")
        return path.read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        raise WrongUseError(f"the secret {path} cannot be read ({error.strerror})") from error
