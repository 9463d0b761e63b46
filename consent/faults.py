"""What can be wrong with an attestation, in words that say what to do next."""

from registry.problems import Fault

_AGAIN = (
    "Remplissez l’attestation qui est dans votre dossier, ou le formulaire dont le lien est dans votre message.",
    "Fill the attestation that is in your folder, or the form whose link is in your mail.",
)
_LEFT = ("Complétez-le dans le formulaire dont le lien est dans votre message.", "Complete it in the form whose link is in your mail.")
_FRESH = (
    "Reprenez l’attestation d’origine de votre dossier, ou le formulaire dont le lien est dans votre message.",
    "Start again from the original attestation in your folder, or from the form whose link is in your mail.",
)


class ConsentFault(Fault):
    """What keeps an attestation from being a consent record, or what the record then says against the recording."""

    # what is missing
    NO_CALL_DATE = ("NO_CALL_DATE", ("La date de l’appel manque.", "The date of the call is missing."), _LEFT)
    NO_GIVEN_DATE = (
        "NO_GIVEN_DATE",
        ("La date de l’accord de votre client manque.", "The date of your client’s agreement is missing."),
        _LEFT,
    )
    NO_WAY = ("NO_WAY", ("La façon dont votre client a donné son accord manque.", "The way in which your client agreed is missing."), _LEFT)
    NOT_TOLD_RECORDING = (
        "NOT_TOLD_RECORDING",
        (
            "Vous n’avez pas attesté avoir dit à votre client que l’appel est enregistré.",
            "You did not attest that you told your client that the call is recorded.",
        ),
        ("Si vous l’avez dit, cochez la première case dans le formulaire.", "If you did, tick the first box in the form."),
    )
    NOT_TOLD_PURPOSE = (
        "NOT_TOLD_PURPOSE",
        (
            "Vous n’avez pas attesté avoir dit à votre client à quoi sert l’enregistrement et qui l’écoutera.",
            "You did not attest that you told your client what the recording is for and who will listen.",
        ),
        ("Si vous l’avez dit, cochez la deuxième case dans le formulaire.", "If you did, tick the second box in the form."),
    )
    NOT_TOLD_RETENTION = (
        "NOT_TOLD_RETENTION",
        (
            "Vous n’avez pas attesté avoir dit à votre client combien de temps l’enregistrement est conservé.",
            "You did not attest that you told your client how long the recording is kept.",
        ),
        ("Si vous l’avez dit, cochez la troisième case dans le formulaire.", "If you did, tick the third box in the form."),
    )
    NO_NOTICE = ("NO_NOTICE", ("La notice lue à votre client manque.", "The notice read to your client is missing."), _LEFT)
    # what cannot be read or does not hold together
    BAD_VALUE = (
        "BAD_VALUE",
        ("« {found} » n’est pas une réponse possible ({column}).", "“{found}” is not a possible answer ({column})."),
        ("Choisissez une des réponses proposées dans le formulaire.", "Choose one of the answers offered in the form."),
    )
    BAD_DATE = (
        "BAD_DATE",
        ("« {found} » n’est pas une date que nous savons lire ({column}).", "“{found}” is not a date that we can read ({column})."),
        ("Écrivez-la ainsi : 12/03/2026.", "Write it so: 12/03/2026 (the day first)."),
    )
    BAD_TIME = (
        "BAD_TIME",
        ("« {found} » n’est pas une heure que nous savons lire ({column}).", "“{found}” is not a time that we can read ({column})."),
        ("Écrivez-la ainsi : 14:30, ou laissez vide.", "Write it so: 14:30, or leave it empty."),
    )
    UNKNOWN_KEY = (
        "UNKNOWN_KEY",
        ("« {column} » n’est pas une information que nous prenons.", "“{column}” is not something that we take."),
        ("Retirez-la : ni nom, ni entreprise, ni remarque n’est conservé.", "Remove it: no name, company or remark is kept."),
    )
    UNKNOWN_NOTICE = (
        "UNKNOWN_NOTICE",
        ("La notice « {found} » n’est pas connue du centre.", "The notice “{found}” is not known to the centre."),
        ("Choisissez celle que vous avez lue dans le formulaire.", "Choose the one that you read in the form."),
    )
    NOTICE_NOT_IN_USE = (
        "NOTICE_NOT_IN_USE",
        ("La notice « {column} » n’était pas en usage le {found}.", "The notice “{column}” was not in use on {found}."),
        ("Vérifiez la date, et choisissez la notice que vous avez lue.", "Check the date, and choose the notice that you read."),
    )
    OTHER_SESSION = (
        "OTHER_SESSION",
        ("Cette attestation est celle d’une autre session.", "This attestation is that of another session."),
        _FRESH,
    )
    OTHER_CANDIDATE = (
        "OTHER_CANDIDATE",
        (
            "Cette attestation n’est pas celle de ce dossier (référence « {found} »).",
            "This attestation is not that of this folder (reference “{found}”).",
        ),
        _FRESH,
    )
    OTHER_CLIENT = (
        "OTHER_CLIENT",
        (
            "La référence du client « {found} » n’est pas celle de ce dossier.",
            "The client’s reference “{found}” is not that of this folder.",
        ),
        _FRESH,
    )
    NO_CANDIDATE = (
        "NO_CANDIDATE",
        ("La référence du candidat manque.", "The candidate’s reference is missing."),
        ("Écrivez la référence qui nomme son dossier.", "Write the reference that names the folder."),
    )
    SEVERAL = (
        "SEVERAL",
        ("Ce fichier contient plusieurs attestations.", "This file holds several attestations."),
        ("N’en déposez qu’une, celle de votre appel.", "Deposit one only, that of your call."),
    )
    CONFLICT = (
        "CONFLICT",
        (
            "Deux attestations disent autre chose ({column}) : {found} et {wanted}.",
            "Two attestations differ ({column}): {found} and {wanted}.",
        ),
        ("Dites dans le formulaire laquelle est juste.", "Say in the form which one is right."),
    )
    # what is against the recording
    CONSENT_LATE = (
        "CONSENT_LATE",
        (
            "L’accord ({found}) est postérieur à l’appel ({wanted}).",
            "The agreement ({found}) is later than the call ({wanted}).",
        ),
        (
            "Si c’est une erreur de saisie, corrigez-la dans le formulaire ; sinon, déposez un autre appel.",
            "If it is a slip, correct it in the form; if not, deposit another call.",
        ),
    )
    CALL_IN_FUTURE = (
        "CALL_IN_FUTURE",
        ("La date de l’appel ({found}) n’est pas encore venue.", "The date of the call ({found}) is still to come."),
        ("Corrigez-la dans le formulaire.", "Correct it in the form."),
    )
    GIVEN_IN_FUTURE = (
        "GIVEN_IN_FUTURE",
        ("La date de l’accord ({found}) n’est pas encore venue.", "The date of the agreement ({found}) is still to come."),
        ("Corrigez-la dans le formulaire.", "Correct it in the form."),
    )
    # files
    NOT_OURS = (
        "NOT_OURS",
        ("Ce fichier n’est pas une attestation d’accord du client.", "This file is not a client’s agreement attestation."),
        _AGAIN,
    )
    FLATTENED = (
        "FLATTENED",
        (
            "Cette attestation a été imprimée en PDF : ses cases ne peuvent plus être lues.",
            "This attestation was printed to PDF: its boxes can no longer be read.",
        ),
        (
            "Vous n’avez rien à refaire : le centre la lira. Le formulaire de votre message va plus vite.",
            "You need not do it again: the centre will read it. The form in your mail is faster.",
        ),
    )
    SCANNED = (
        "SCANNED",
        ("Ce PDF est une image : ses cases ne peuvent pas être lues.", "This PDF is a picture: its boxes cannot be read."),
        (
            "Vous n’avez rien à refaire : le centre la lira. Le formulaire de votre message va plus vite.",
            "You need not do it again: the centre will read it. The form in your mail is faster.",
        ),
    )
    ALTERED = (
        "ALTERED",
        (
            "Cette attestation n’est plus celle que nous avons préparée ({column}).",
            "This attestation is no longer the one that we prepared ({column}).",
        ),
        _FRESH,
    )
    ACTIVE_CONTENT = (
        "ACTIVE_CONTENT",
        ("Ce PDF contient un programme ; il n’a pas été lu.", "This PDF holds a program; it was not read."),
        _FRESH,
    )
    ENCRYPTED = (
        "ENCRYPTED",
        ("Ce PDF est protégé par un mot de passe.", "This PDF is protected by a password."),
        (
            "Enregistrez-le sans protection, ou remplissez le formulaire dont le lien est dans votre message.",
            "Save it without protection, or fill the form whose link is in your mail.",
        ),
    )
    TOO_LARGE = ("TOO_LARGE", ("Ce fichier est trop gros pour une attestation.", "This file is too large for an attestation."), _AGAIN)
    MALFORMED = ("MALFORMED", ("Ce fichier est abîmé et n’a pas pu être lu.", "This file is damaged and could not be read."), _AGAIN)


FOR_A_PERSON = frozenset({ConsentFault.FLATTENED, ConsentFault.SCANNED})
"""An attestation that only a person can read: a task of the coordinator, who types it in."""
