"""The words of the compliance report and of the destruction register, in French and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from notifications.compliance import Figure, Stage
from registry.codes import Language
from registry.tables.holds import HoldReason, HoldScope


@dataclass(frozen=True, slots=True)
class FigureWords:
    """One figure: its name, and what it counts."""

    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ComplianceTexts:
    """The sentences of the report, as templates; ``columns`` are those of the register, in order."""

    title: str
    as_of: str
    figures_heading: str
    figure_headers: tuple[str, str, str]
    figures: Mapping[Figure, FigureWords]
    none_yet: str
    days: str
    one_day: str
    since_call: str
    undated: str
    all_dated: str
    overdue_since: str
    held_since: str
    destroyed_lately: str
    well: str
    not_well: str
    to_do_overdue: str
    to_do_failed: str
    to_do_hold: str
    to_do_nothing: str
    attached: str
    register_page: str
    weeks_heading: str
    weeks_picture: str
    week_headers: tuple[str, str, str, str]
    week_numbers: str
    week_of: str
    week_now: str
    nothing_planned: str
    holds_heading: str
    hold_headers: tuple[str, str, str, str, str]
    hold_reasons: Mapping[HoldReason, str]
    hold_scopes: Mapping[HoldScope, str]
    no_hold: str
    register_heading: str
    register_none: str
    register_cut: str
    columns: tuple[str, ...]
    stages: Mapping[Stage, str]
    nobody: str
    sheets: tuple[str, str, str]
    file_stem: str
    register_stem: str


STAGE_MARKS: Mapping[Stage, str] = {Stage.FAILED: "✕", Stage.BEGUN: "◐", Stage.DESTROYED: "■", Stage.CERTIFIED: "✓"}
"""A shape for each stage, beside its word: colour never speaks alone."""

COMPLIANCE: Mapping[Language, ComplianceTexts] = {
    Language.FR: ComplianceTexts(
        title="Conservation et destruction des enregistrements",
        as_of="État au {when}.",
        figures_heading="Les chiffres",
        figure_headers=("Chiffre", "Valeur", "Ce qu’il compte"),
        figures={
            Figure.HELD: FigureWords("Détenus", "enregistrements conservés, chiffrés"),
            Figure.OLDEST: FigureWords("Le plus ancien", "âge depuis l’appel"),
            Figure.SOON: FigureWords("Sous 30 jours", "arrivent au terme de leur conservation"),
            Figure.DUE: FigureWords("À détruire", "terme atteint, rien ne les retient"),
            Figure.OVERDUE: FigureWords("En retard", "pouvaient être détruits depuis plus de 48 heures, et ne le sont pas"),
            Figure.ON_HOLD: FigureWords("Suspendus", "leur destruction est suspendue"),
            Figure.FAILED: FigureWords("En échec", "destruction commencée, pas encore aboutie"),
            Figure.DESTROYED: FigureWords("Détruits", "depuis le début"),
        },
        none_yet="aucun",
        days="{count} jours",
        one_day="1 jour",
        since_call="appel du {day}",
        undated="dont {count} sans date d’appel connue",
        all_dated="tous ont une date d’appel",
        overdue_since="le premier depuis le {day}",
        held_since="la première suspension depuis le {day}",
        destroyed_lately="dont {count} depuis le {day}",
        well="Rien n’est en retard, aucune destruction n’est en échec.",
        not_well="À regarder maintenant : {overdue} en retard, {failed} en échec.",
        to_do_overdue="Retards : voyez si une liste attend votre validation (consigne approve), puis demandez à l’administrateur technique "
        "de lancer consigne doctor.",
        to_do_failed="Échecs : lisez le constat de destruction non aboutie reçu par mail. L’essai est refait de lui-même.",
        to_do_hold="Suspensions : vérifiez que chacune a encore lieu d’être (consigne hold --list).",
        to_do_nothing="Vous n’avez rien à faire. Gardez ce mail avec vos pièces de conformité.",
        attached="Le registre des destructions est joint (Excel), avec les échéances par semaine.",
        register_page="La même chose en une page à imprimer : consigne compliance report --out DOSSIER",
        weeks_heading="Échéances par semaine",
        weeks_picture="Échéances par semaine : détruits, prévus, suspendus",
        week_headers=("Semaine du", "Détruits", "Prévus", "Suspendus"),
        week_numbers="Les nombres, semaine par semaine",
        week_of="Semaine du {day}",
        week_now="cette semaine",
        nothing_planned="Aucune destruction, faite ou prévue, sur cette période.",
        holds_heading="Suspensions en cours",
        hold_headers=("Motif", "Portée", "Depuis", "À revoir le", "Enregistrements"),
        hold_reasons={
            HoldReason.APPEAL: "recours",
            HoldReason.LITIGATION: "litige",
            HoldReason.DPO_REQUEST: "demande du délégué à la protection des données",
            HoldReason.RESTORED: "restauration d’une sauvegarde",
            HoldReason.OTHER: "autre raison",
        },
        hold_scopes={
            HoldScope.RECORDING: "un enregistrement",
            HoldScope.DOSSIER: "un dossier",
            HoldScope.SESSION: "une session",
            HoldScope.ALL: "tout",
        },
        no_hold="Aucune suspension en cours.",
        register_heading="Registre des destructions",
        register_none="Aucune destruction à ce jour.",
        register_cut="Les {shown} plus récentes sur {count} ; le classeur Excel les contient toutes.",
        columns=(
            "Certificat",
            "État",
            "Détruit le",
            "Motif",
            "Session",
            "Candidat (pseudonyme)",
            "Référence client",
            "Date d’appel",
            "Déposé le",
            "Décision du jury",
            "Notification",
            "Dernier jour pour contester",
            "Destruction possible à partir du",
            "Commencée le",
            "Validée par",
            "Irréversible à partir du",
            "Trace conservée jusqu’au",
            "Enregistrement",
            "Empreinte du fichier (SHA-256)",
            "Empreinte des faits certifiés",
            "Entrée du journal",
        ),
        stages={
            Stage.FAILED: "En échec, à refaire",
            Stage.BEGUN: "Commencée",
            Stage.DESTROYED: "Détruit, certificat à venir",
            Stage.CERTIFIED: "Détruit, certifié",
        },
        nobody="automatique",
        sheets=("Registre", "Échéances", "Chiffres"),
        file_stem="Conformite",
        register_stem="Registre des destructions",
    ),
    Language.EN: ComplianceTexts(
        title="Keeping and destroying recordings",
        as_of="As of {when}.",
        figures_heading="The figures",
        figure_headers=("Figure", "Value", "What it counts"),
        figures={
            Figure.HELD: FigureWords("Held", "recordings kept, sealed"),
            Figure.OLDEST: FigureWords("Oldest", "age since the call"),
            Figure.SOON: FigureWords("Within 30 days", "come to the end of their keeping"),
            Figure.DUE: FigureWords("To destroy", "at their end, and nothing holds them"),
            Figure.OVERDUE: FigureWords("Overdue", "could have been destroyed for more than 48 hours, and are not"),
            Figure.ON_HOLD: FigureWords("On hold", "their destruction is suspended"),
            Figure.FAILED: FigureWords("Failed", "destruction begun, and not successful yet"),
            Figure.DESTROYED: FigureWords("Destroyed", "since the beginning"),
        },
        none_yet="none",
        days="{count} days",
        one_day="1 day",
        since_call="call of {day}",
        undated="{count} of them without a known date of call",
        all_dated="each has a date of call",
        overdue_since="the first since {day}",
        held_since="the first hold since {day}",
        destroyed_lately="{count} of them since {day}",
        well="Nothing is overdue, no destruction has failed.",
        not_well="To look at now: {overdue} overdue, {failed} failed.",
        to_do_overdue="Overdue: see whether a list waits for your approval (consigne approve), then ask the operator to run "
        "consigne doctor.",
        to_do_failed="Failed: read the report of the destruction that you received by mail. It is tried again by itself.",
        to_do_hold="Holds: check that each still has its reason (consigne hold --list).",
        to_do_nothing="There is nothing for you to do. Keep this mail with your compliance records.",
        attached="The destruction register is attached (Excel), with what falls due by week.",
        register_page="The same as one page to print: consigne compliance report --out DIRECTORY",
        weeks_heading="What falls due by week",
        weeks_picture="What falls due by week: destroyed, planned, on hold",
        week_headers=("Week of", "Destroyed", "Planned", "On hold"),
        week_numbers="The numbers, week by week",
        week_of="Week of {day}",
        week_now="this week",
        nothing_planned="No destruction, done or planned, in this period.",
        holds_heading="Holds that stand",
        hold_headers=("Reason", "Scope", "Since", "To review on", "Recordings"),
        hold_reasons={
            HoldReason.APPEAL: "appeal",
            HoldReason.LITIGATION: "litigation",
            HoldReason.DPO_REQUEST: "request of the data protection officer",
            HoldReason.RESTORED: "restored from a backup",
            HoldReason.OTHER: "another reason",
        },
        hold_scopes={
            HoldScope.RECORDING: "one recording",
            HoldScope.DOSSIER: "one file",
            HoldScope.SESSION: "one session",
            HoldScope.ALL: "everything",
        },
        no_hold="No hold stands.",
        register_heading="Destruction register",
        register_none="No destruction so far.",
        register_cut="The {shown} newest of {count}; the Excel workbook holds them all.",
        columns=(
            "Certificate",
            "State",
            "Destroyed on",
            "Ground",
            "Session",
            "Candidate (pseudonym)",
            "Client’s reference",
            "Date of call",
            "Deposited on",
            "Jury’s decision",
            "Notification",
            "Last day to contest",
            "Destruction possible from",
            "Begun on",
            "Approved by",
            "Irreversible from",
            "Traces kept until",
            "Recording",
            "Fingerprint of the file (SHA-256)",
            "Fingerprint of the certified facts",
            "Journal entry",
        ),
        stages={
            Stage.FAILED: "Failed, to be tried again",
            Stage.BEGUN: "Begun",
            Stage.DESTROYED: "Destroyed, certificate to come",
            Stage.CERTIFIED: "Destroyed, certified",
        },
        nobody="automatic",
        sheets=("Register", "By week", "Figures"),
        file_stem="Compliance",
        register_stem="Destruction register",
    ),
}
