"""The documents that the law wants, from this centre's settings: the article 30 entry and a draft impact assessment (AIPD), in French.

They state what the software does and what this centre chose, as HTML pages to print or to paste. What only the centre can answer is marked
« À COMPLÉTER PAR LE CENTRE »: nothing is made up in its place, and no risk is accepted for it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from sqlmodel import Session, select

from consent.notices import Status
from consigne.settings import ObjectsKind, Settings, VaultKind
from consigne.wiring import Parts
from registry import schemes, users
from registry.clock import civil_date
from registry.codes import Language
from registry.phrases import long_date, typeset
from registry.schemes import Approval, RecordingRules, RecourseRule, Scheme
from registry.tables import EvaluationSession, Role
from retention.terms import Choices, Confirmation, Terms, combine

_FR: Final = Language.FR
_DEFAULT: Final = "cqp-ce"
_PAGES: Final = {"registre-article-30.html": "article-30.html", "aipd-projet.html": "aipd.html"}
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Risk:
    """One feared event: what it would do to people, how it could come, what stands in its way, what is left."""

    title: str
    impact: str
    threats: str
    measures: tuple[str, ...]
    left: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the templates are filled in with: sentences and names, in French."""

    centre: str
    contact_name: str
    contact_mail: str
    officers: tuple[str, ...]
    version: str
    made_on: str
    schemes: str
    commission: str
    deciding_body: str
    max_minutes: int
    storage: str
    mail: str
    root_can: bool
    terms: tuple[tuple[str, str], ...]
    supports: tuple[tuple[str, str], ...]
    open_terms: tuple[str, ...]
    open_measures: tuple[str, ...]
    confirmation: str
    notices: tuple[str, ...]
    measures: tuple[str, ...]
    risks: tuple[Risk, ...]


def write_documents(parts: Parts) -> Mapping[str, str]:
    """Return the documents by the name of their file."""
    told = _told(parts)
    return {name: typeset(_environment().get_template(template).render(told=told), _FR) for name, template in _PAGES.items()}


def _told(parts: Parts) -> Told:
    settings, choices = parts.settings, parts.settings.retention.choices
    with parts.database.reading() as session:
        used = _schemes(session)
        officers = tuple(f"{one.name}, {one.mail}" for one in users.holding(session, Role.COMPLIANCE_OFFICER))
    main = next(one for one in used if one.recording is not None)
    assert main.recording is not None
    terms = combine(main, choices)
    measures, risks = _of_the_software()
    return Told(
        centre=settings.centre.name,
        contact_name=settings.centre.contact_name,
        contact_mail=settings.centre.contact_mail,
        officers=officers,
        version=version("consigne"),
        made_on=long_date(civil_date(parts.clock.now()), _FR),
        schemes=" ; ".join(f"{one.title} (profil {one.id}, version {one.version})" for one in used),
        commission=main.commission,
        deciding_body=main.deciding_body.fr,
        max_minutes=main.recording.max_seconds // _MINUTE,
        storage=_storage(settings),
        mail=settings.mail.host or "aucun serveur réglé, les mails sont écrits dans un dossier",
        root_can=True,  # the identity is in a file of this machine: no other place can be set yet
        terms=tuple(_terms(main.recording, terms, choices)),
        supports=tuple(_supports(parts)),
        open_terms=tuple(_open_terms(settings)),
        open_measures=tuple(_open_measures(settings, officers)),
        confirmation=_confirmation(choices, terms),
        notices=_notices(parts),
        measures=measures,
        risks=risks,
    )


def _schemes(session: Session) -> list[Scheme]:
    """Return the schemes of the centre's sessions, one with a recording among them: the default one where there is none yet."""
    query = select(EvaluationSession.scheme, EvaluationSession.scheme_version).distinct()
    found = [schemes.load(name, number) for name, number in sorted(session.exec(query))]
    return found if any(one.recording for one in found) else [*found, schemes.load(_DEFAULT)]


def _terms(rules: RecordingRules, terms: Terms, choices: Choices) -> Iterator[tuple[str, str]]:
    yield "Enregistrement évalué par le jury", _main_term(terms)
    yield "Enregistrement refusé", f"Mis de côté {rules.quarantine_days} jours, puis détruit."
    waited = f"{rules.consent_wait_days} jours après la date limite de dépôt ou, s’il est plus tardif, après le dépôt ; puis détruit."
    yield "Enregistrement sans attestation d’accord", waited
    early = f"Plus écoutable aussitôt ; détruit après {terms.early_cause_delay_hours} heures, le temps de corriger une erreur."
    yield "Enregistrement remplacé, accord retiré, session annulée, dossier clos sans décision", early
    named = f"Jusqu’à la destruction du dernier enregistrement et l’envoi du certificat, ou {terms.certificate_mail_days} jours après elle."
    yield "Nom, adresse et employeur du candidat, attestations, dossier de dépôt, mails", named
    kept = f"{choices.proof_retention_years} ans après la destruction, pour répondre à la personne enregistrée et à un contrôle."
    yield "Identifiants sans nom, dates, empreintes, certificats", kept
    yield "Journal (identifiants sans nom, dates, empreintes)", "Conservé comme preuve ; il ne contient ni nom, ni texte libre."
    if choices.snapshot_retention_days is not None:
        snapshots = choices.snapshot_retention_days
        yield "Instantanés de la machine entière", f"{snapshots} jours." if snapshots else "Aucun n’est pris."


def _main_term(terms: Terms) -> str:
    if terms.rule is RecourseRule.UNSTATED:
        return "Pas de terme fixé par la certification : rien n’est détruit automatiquement tant que le centre ne l’a pas réglé."
    if terms.rule is RecourseRule.NONE:
        return f"Jusqu’au lendemain de la communication de la décision, plus {terms.min_hold_days} jours."
    grace = f", plus {terms.postal_grace_days} jours pour un courrier en route" if terms.postal_grace_days else ""
    return (
        f"Jusqu’à la fin du délai de recours : {terms.months} mois après la remise de la décision au candidat{grace}, le dernier jour "
        "étant reporté s’il tombe un samedi, un dimanche ou un jour férié. Un recours ou une suspension l’arrête. "
        f"La destruction est annoncée au moins {terms.min_notice_days} jours avant."
    )


def _storage(settings: Settings) -> str:
    told = settings.objects
    if told.kind is ObjectsKind.EMBEDDED:
        return "sur la machine du centre, par le stockage intégré ; pas de sous-traitant pour cela"
    return f"service compatible S3 ({told.endpoint_url or 'point d’accès par défaut'}, région {told.region})"


def _supports(parts: Parts) -> Iterator[tuple[str, str]]:
    settings = parts.settings
    yield "Dossier de dépôt", f"{settings.path(settings.folders.root)} ; le fichier n’y reste que jusqu’à sa prise en charge"
    yield "Fichiers chiffrés", _storage(settings)
    yield "Coffre des clés", _vault(settings.vault.kind, settings.vault.bucket)
    yield "Double du coffre", _vault(settings.mirror.kind, settings.mirror.bucket)
    yield "Base de données", "SQLite, dans un fichier de la machine" if parts.database.is_sqlite else "PostgreSQL"
    anchors = "un dossier de la machine" if settings.anchors.bucket is None else "un dossier de la machine et un stockage extérieur"
    yield "Journal, hors de la base", anchors
    yield "Messagerie", settings.mail.host or "aucun serveur réglé : mails écrits dans un dossier"


def _vault(kind: VaultKind, bucket: str | None) -> str:
    return "un dossier de la machine" if kind is VaultKind.DIRECTORY else f"stockage S3 ({bucket})"


def _open_terms(settings: Settings) -> Iterator[str]:
    """Name the durations that this centre has not settled yet, and where it does so."""
    told = settings.retention
    if told.postal_grace_days is None:
        yield "délai d’acheminement après le dernier jour pour contester (15 jours conseillés ; réglage retention.postal_grace_days)"
    if told.snapshot_retention_days is None:
        yield "durée des instantanés de la machine entière, 0 s’il n’y en a pas (réglage retention.snapshot_retention_days)"
    yield "durée des sauvegardes de la base de données ; durée de la corbeille, des versions et des sauvegardes du dossier partagé"
    yield "durée de conservation des copies de mails chez le prestataire de messagerie"
    yield (
        f"qui supprime les identifiants sans nom et les certificats au bout de {told.proof_retention_years} ans, et comment : Consigne "
        "énonce ce terme dans chaque certificat, et ne l’exécute pas de lui-même"
    )


def _open_measures(settings: Settings, officers: tuple[str, ...]) -> Iterator[str]:
    """Name what protects, and is not there yet."""
    if settings.anchors.bucket is None:
        yield "un lieu extérieur pour le journal (réglage anchors.bucket), ou qui conserve les mails quotidiens de point de contrôle"
    if not officers:
        yield "un responsable conformité enregistré (consigne user add compliance_officer)"


def _confirmation(choices: Choices, terms: Terms) -> str:
    two = choices.confirmation is Confirmation.TWO
    by = (
        "Une décision ou une notification ne compte qu’une fois confirmée par une seconde personne."
        if two
        else ("Une seule personne suffit pour les saisir (réglage retention.confirmation).")
    )
    eyes = " Chaque liste de destructions est validée par une personne." if terms.approval is Approval.FOUR_EYES else ""
    return by + eyes


def _notices(parts: Parts) -> tuple[str, ...]:
    approved = [one for one in parts.notices.all if one.status is Status.APPROVED]
    return tuple(f"{one.title.fr} (depuis le {long_date(one.valid_from, _FR)})" for one in approved) or ("aucune",)


@cache
def _of_the_software() -> tuple[tuple[str, ...], tuple[Risk, ...]]:
    """Read what is said of the software itself: its measures, and the risks that they answer."""
    told = tomllib.loads(files("consigne").joinpath("templates", "documents.toml").read_text("utf-8"))
    risks = tuple(Risk(**one | {"measures": tuple(one["measures"])}) for one in told["risks"])
    return tuple(told["measures"]), risks


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("consigne", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
