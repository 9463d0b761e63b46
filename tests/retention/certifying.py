"""Certificates for the tests: full facts, and a journal in memory that tells of them."""

from dataclasses import replace
from datetime import UTC, date, datetime

from journal import checkpoint, terms, tree
from journal.checkpoint import Checkpoint
from journal.entry import Entry
from registry.tables.decisions import AppealOutcome, Channel, Proof
from registry.tables.holds import HoldReason, HoldScope
from retention import certificates
from retention.certificate_facts import (
    ActFacts,
    AppealRecord,
    CentreFacts,
    CertificateFacts,
    CheckFacts,
    ClockReference,
    Copy,
    CopyFacts,
    CopyState,
    Extension,
    GroundFacts,
    HoldRecord,
    Kept,
    KeptFacts,
    Limit,
    Method,
    ProofFacts,
    RecordingFacts,
    Verified,
)
from retention.facts import Cause
from retention.steps import StepKind
from storage.signing import LogKey, public_text
from tests.journal.making import MemoryNodes, an_entry

KEY = LogKey(bytes(range(32)))
DONE = datetime(2026, 8, 12, 1, 30, 5, tzinfo=UTC)


def an_id(prefix: str, number: int = 1) -> str:
    """Make an identifier."""
    return f"{prefix}_{number:032x}"


FACTS = CertificateFacts(
    id=an_id("dst", 0xA7),
    centre=CentreFacts("Centre d’essai Agirc-Arrco", "certification@centre.example", public_text(KEY.public)),
    recording=RecordingFacts(
        id=an_id("rec", 0x5F0C),
        dossier=an_id("dos"),
        candidate="P3a91c07be2d4",
        session=an_id("ses"),
        unit="1",
        scheme="cqp-ce",
        scheme_version=1,
        format="mp3",
        size_bytes=23_234_112,
        duration_ms=1_452_300,
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        deposited_at=datetime(2026, 5, 4, 16, 2, 7, 120000, tzinfo=UTC),
    ),
    ground=GroundFacts(
        cause=Cause.APPEAL_PERIOD_OVER,
        rule="cpc_640_642",
        rules_version=1,
        eligible_at=datetime(2026, 8, 10, 22, 0, tzinfo=UTC),
        decision=an_id("dec"),
        decided_on=date(2026, 5, 21),
        notification=an_id("ntf"),
        channel=Channel.REGISTERED_LETTER,
        notified_on=date(2026, 5, 25),
        proof=Proof.HANDED_OVER,
        appeal_last_day=date(2026, 7, 27),
        extended_by=(Extension(date(2026, 7, 25), StepKind.WEEKEND), Extension(date(2026, 7, 26), StepKind.WEEKEND)),
        grace_days=15,
    ),
    checks=CheckFacts(
        at=datetime(2026, 8, 12, 1, 30, tzinfo=UTC),
        holds=(
            HoldRecord(
                an_id("hld"),
                HoldScope.DOSSIER,
                HoldReason.APPEAL,
                datetime(2026, 6, 15, 8, tzinfo=UTC),
                datetime(2026, 7, 1, 9, tzinfo=UTC),
            ),
        ),
        appeals=(
            AppealRecord(an_id("app"), date(2026, 6, 15), False, AppealOutcome.REJECTED, datetime(2026, 7, 1, 9, tzinfo=UTC)),
        ),  # a field
        clock=(ClockReference("database", True, 12), ClockReference("object_store", True, 340)),  # a field
        announced_at=datetime(2026, 7, 12, 6, tzinfo=UTC),
        recourse_checked_as_of=date(2026, 8, 3),
    ),
    acts=ActFacts(an_id("run"), "system:gate", an_id("usr"), datetime(2026, 8, 12, 1, 30, 1, tzinfo=UTC), DONE, "0.2.0"),
    method=Method.KEY_ERASED_AND_OBJECTS_DELETED,
    limits=tuple(Limit),
    copies=(
        CopyFacts(Copy.KEY, CopyState.ENTOMBED, 1, at=DONE),
        CopyFacts(Copy.KEY_MIRROR, CopyState.ENTOMBED, 1, at=DONE),
        CopyFacts(Copy.SOUND, CopyState.DELETED, 2, at=DONE),
        CopyFacts(Copy.WAVEFORM, CopyState.DELETED, 1, at=DONE),
        CopyFacts(Copy.UPLOAD_PARTS, CopyState.NONE_FOUND, at=DONE),
        CopyFacts(Copy.ORIGINAL, CopyState.DELETED, 1, at=datetime(2026, 5, 4, 16, 2, 40, tzinfo=UTC)),
        CopyFacts(Copy.STORE_VOLUME, CopyState.PENDING),
        CopyFacts(Copy.FOLDER_BACKUPS, CopyState.UNKNOWN),
        CopyFacts(Copy.DATABASE_BACKUPS, CopyState.WITHOUT_SOUND),
        CopyFacts(Copy.SNAPSHOTS, CopyState.KEPT_DAYS, days=14),
    ),
    proofs=tuple(ProofFacts(one, DONE) for one in Verified),
    irreversible_from=datetime(2026, 8, 26, 1, 30, 5, tzinfo=UTC),
    kept=KeptFacts(tuple(Kept), date(2031, 8, 12)),
)
EARLY = replace(
    FACTS,
    ground=GroundFacts(Cause.CONSENT_WITHDRAWN, "early", 1, datetime(2026, 8, 11, tzinfo=UTC), since=datetime(2026, 8, 10, tzinfo=UTC)),
    checks=CheckFacts(FACTS.checks.at, (), (), (), None),
)


def completed(facts: CertificateFacts, **more: str) -> Entry:
    """Make the journal's entry of a destruction."""
    told = {"facts_sha256": facts.sha256, "after": "destroyed", "before": "destroying", **more}
    return Entry(certificates.COMPLETED, facts.recording.id, DONE, "system:gate", told, bytes(range(16)))


def certified(facts: CertificateFacts = FACTS, entry: Entry | None = None, key: LogKey = KEY, index: int = 5, size: int = 11) -> bytes:
    """Make a certificate in a journal of its own."""
    entries = [an_entry(number) for number in range(size)]
    entries[index] = entry or completed(facts)
    store = MemoryNodes()
    store.hashes.update(tree.extend(store, 0, [one.leaf_hash for one in entries]))
    made = Checkpoint(terms.origin_from(entries[0].leaf_hash), size, tree.root(store, size))
    return certificates.assemble(facts, entries[index], index, tree.inclusion_proof(store, index, size), checkpoint.sign(made, key.private))
