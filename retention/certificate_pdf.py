"""The certificate as a French PDF that a lay person can read: the same facts as the JSON beside it. The same bytes each time. Pure."""

from datetime import date, datetime
from typing import Final

from registry.codes import Language
from registry.phrases import duration, long_date, moment, size
from retention import certificate_words as words
from retention.certificate_facts import ActFacts, CertificateFacts, CheckFacts, CopyFacts, GroundFacts, RecordingFacts
from retention.certificate_sheet import Sheet
from retention.certificates import Certificate

_FR: Final = Language.FR


def certificate_pdf(data: bytes) -> bytes:
    """Draw a certificate.

    Raises:
        CertificateRefusedError: the bytes are not a certificate.
    """
    certificate = Certificate.decode(data)
    facts = certificate.facts
    sheet = Sheet("Certificat de destruction d’un enregistrement", facts.centre.name, f"Certificat {facts.id}")
    sheet.heading(facts.centre.name, f"Certificat n° {facts.id}")
    sheet.sentence(
        f"{facts.centre.name} certifie que l’enregistrement désigné ci-dessous a été détruit le {_when(facts.acts.completed_at)}, "
        "et que sa destruction a été vérifiée. Plus personne ne peut l’écouter."
    )
    _recording(sheet, facts.recording)
    _ground(sheet, facts.ground)
    _checks(sheet, facts.checks)
    _acts(sheet, facts.acts)
    _method(sheet, facts)
    _kept(sheet, facts)
    _verifying(sheet, certificate)
    return sheet.finish()


def _recording(sheet: Sheet, told: RecordingFacts) -> None:
    sheet.section("L’enregistrement détruit")
    sheet.row("Identifiant", told.id)
    sheet.row("Candidat", f"{told.candidate} (pseudonyme)")
    sheet.row("Certification", f"{told.scheme}, version {told.scheme_version}, bloc {told.unit}")
    sheet.row("Session", told.session)
    sheet.row("Déposé", f"le {_when(told.deposited_at)}")
    length = "" if told.duration_ms is None else f", {duration(told.duration_ms / 1000)}"
    sheet.row("Fichier", f"{told.format.upper()}, {size(told.size_bytes, _FR)}{length}")
    sheet.row("Empreinte (SHA-256)", told.sha256)


def _ground(sheet: Sheet, told: GroundFacts) -> None:
    sheet.section("Pourquoi il devait l’être")
    sheet.row("Motif", words.CAUSES[told.cause])
    if told.since is not None:
        sheet.row("Depuis", f"le {_when(told.since)}")
    if told.decided_on is not None:
        sheet.row("Décision du jury", _day(told.decided_on))
    if told.notified_on is not None:
        told_by = [words.CHANNELS[told.channel]] if told.channel else []
        told_by += [words.PROOFS[told.proof]] if told.proof else []
        sheet.row("Notification", ", ".join((_day(told.notified_on), *told_by)))
    for one in told.extended_by:
        sheet.row("Délai prolongé", f"{_day(one.day)} ne pouvait pas être le dernier jour : {words.EXTENDED.get(one.why, one.why)}")
    if told.appeal_last_day is not None:
        sheet.row("Dernier jour pour contester", _day(told.appeal_last_day))
    if told.grace_days:
        sheet.row("Délai d’acheminement", f"{told.grace_days} jours de plus, pour un courrier encore en route")
    sheet.row("Destruction possible", f"à partir du {_when(told.eligible_at)}")
    sheet.row("Règle appliquée", f"{told.rule}, version {told.rules_version}")


def _checks(sheet: Sheet, told: CheckFacts) -> None:
    sheet.section("Ce qui a été vérifié juste avant")
    sheet.row("Vérifié", f"le {_when(told.at)} : aucune suspension en cours, aucun recours ouvert")
    for hold in told.holds:
        during = f"du {_when(hold.placed_at)} au {_when(hold.released_at)}"
        sheet.row("Suspension levée", f"{words.HOLDS[hold.reason]}, {during}")
    for appeal in told.appeals:
        ended = "clos" if appeal.outcome is None else words.OUTCOMES[appeal.outcome]
        ended = "arrivé une fois la destruction commencée" if appeal.incident else ended
        sheet.row("Recours", f"reçu {_day(appeal.received_on)} : {ended}")
    if told.recourse_checked_as_of is not None:
        sheet.row("Commission interrogée", f"aucun recours reçu au {_day(told.recourse_checked_as_of)}")
    sheet.row("Annoncée", "sans annonce : ce motif n’en demande pas" if told.announced_at is None else f"le {_when(told.announced_at)}")
    if told.clock:
        compared = [f"{words.CLOCKS.get(one.name, one.name)} ({'d’accord' if one.agrees else 'sans réponse'})" for one in told.clock]
        sheet.row("Horloge comparée à", ", ".join(compared))


def _acts(sheet: Sheet, told: ActFacts) -> None:
    sheet.section("Qui, et quand")
    sheet.row("Proposée par", words.who(told.proposed_by))
    sheet.row("Approuvée par", "non demandée par cette certification" if told.approved_by is None else words.who(told.approved_by))
    if told.run is not None:
        sheet.row("Liste", told.run)
    sheet.row("Commencée", f"le {_when(told.started_at)}")
    sheet.row("Terminée et vérifiée", f"le {_when(told.completed_at)}")
    sheet.row("Logiciel", f"Consigne {told.software.removeprefix('consigne-')}")


def _method(sheet: Sheet, facts: CertificateFacts) -> None:
    sheet.section("Comment")
    sheet.sentence(words.METHODS[facts.method])
    sheet.row("Irréversible", f"à partir du {_when(facts.irreversible_from)}")
    sheet.section("Chaque copie")
    for copy in facts.copies:
        sheet.row(words.COPIES[copy.what], _copy(copy))
    sheet.section("Ce qui le prouve")
    sheet.sentence("Vérifié ensuite par un second accès, qui ne peut que lire :")
    for proof in facts.proofs:
        sheet.row(_when(proof.at), words.VERIFIED[proof.what])
    sheet.section("Ce que ce certificat ne dit pas")
    for limit in facts.limits:
        sheet.sentence(words.LIMITS[limit])


def _kept(sheet: Sheet, facts: CertificateFacts) -> None:
    sheet.section("Ce qui est conservé")
    kept = ", ".join(words.KEPT[one] for one in facts.kept.what)
    sheet.sentence(f"Jusqu’au {_day(facts.kept.until)} : {kept}. Ni nom, ni son.")
    sheet.sentence(f"Pour toute question : {facts.centre.contact}")


def _verifying(sheet: Sheet, certificate: Certificate) -> None:
    sheet.section("Vérifier ce certificat")
    sheet.sentence(
        "Ce document est la lecture du fichier JSON qui porte le même numéro. C’est ce fichier qui fait preuve : chacun peut le vérifier "
        "sans nous, hors ligne, avec la clé publique du centre. Un seul caractère changé, et la vérification échoue.",
    )
    sheet.verbatim('consigne certificate verify CERTIFICAT.json --key "' + certificate.facts.centre.log_key + '"')
    sheet.sentence(f"Entrée n° {certificate.index} du journal, sous ce point de contrôle signé :", small=True)
    sheet.verbatim(certificate.signed.encode().decode("utf-8").rstrip("\n"))


def _copy(told: CopyFacts) -> str:
    said = words.STATES[told.state].format(days=told.days)
    if told.count is not None and told.count > 1:
        said += f" ({told.count})"
    return said if told.at is None else f"{said}, le {_when(told.at)}"


def _when(instant: datetime) -> str:
    return moment(instant, _FR)


def _day(day: date) -> str:
    return long_date(day, _FR)
