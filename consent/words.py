"""The words of the attestation, shared by the form, the PDF and the files: what each closed answer is called."""

from consent.record import ClientRole, Way
from registry.problems import Words

WAYS = {
    Way.ORAL_BEFORE: Words("oralement, avant de lancer l’enregistrement", "orally, before the recording was started"),
    Way.ORAL_AT_START: Words("oralement, aux premiers mots de l’enregistrement", "orally, as the first words of the recording"),
    Way.WRITTEN: Words("par écrit, avant l’appel", "in writing, before the call"),
}
ROLES = {
    ClientRole.MANAGER: Words("dirigeant, dirigeante", "manager"),
    ClientRole.HUMAN_RESOURCES: Words("ressources humaines", "human resources"),
    ClientRole.PAYROLL: Words("paie", "payroll"),
    ClientRole.ACCOUNTING: Words("comptabilité", "accounting"),
    ClientRole.ADMINISTRATION: Words("administration, secrétariat", "administration"),
    ClientRole.OTHER: Words("autre fonction", "other"),
}
TOLD = {
    "told_recording": Words("que l’appel est enregistré", "that the call is recorded"),
    "told_purpose": Words(
        "à quoi sert l’enregistrement (mon évaluation) et qui l’écoutera", "what the recording is for (my assessment) and who will listen"
    ),
    "told_retention": Words("combien de temps il est conservé, puis détruit", "how long it is kept before it is destroyed"),
}
ITEMS = {
    "session": Words("Session", "Session"),
    "candidate_reference": Words("Référence du candidat", "Candidate’s reference"),
    "client_reference": Words("Référence à donner au client", "Reference to give to the client"),
    "call_date": Words("Date de l’appel", "Date of the call"),
    "call_time": Words("Heure (facultatif)", "Time (optional)"),
    "given_on": Words("Accord recueilli le", "Agreement obtained on"),
    "way": Words("De quelle façon", "In which way"),
    "notice_id": Words("Notice lue au client", "Notice read to the client"),
    "client_role": Words("Fonction du client (facultatif)", "Client’s role (optional)"),
}
