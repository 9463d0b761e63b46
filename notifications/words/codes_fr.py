"""What each code means and what to do about it, in French. Data only: no name of a client, no mark, no reproach."""

from notifications.words.shape import CodeWords
from registry.codes import Code

CODES: dict[Code, CodeWords] = {
    # refused
    Code.NOT_MP3: CodeWords(
        "Pas un MP3",
        "Ce fichier n’est pas un MP3 : {found}. Le renommer en « .mp3 » ne suffit pas.",
        "{export} N’utilisez pas de site de conversion en ligne : la voix de votre client y serait copiée.",
    ),
    Code.EMPTY_FILE: CodeWords(
        "Fichier vide",
        "Ce fichier est vide : il ne contient aucun octet.",
        "La copie s’est sans doute interrompue. Vérifiez que le fichier s’écoute sur votre ordinateur, puis déposez-le à nouveau.",
    ),
    Code.TOO_LONG: CodeWords(
        "Trop long",
        "La durée lue est de {duration} ; la limite est de {limit}.",
        "Choisissez un autre appel, de {limit} au plus. Ne coupez pas et n’accélérez pas l’enregistrement : il doit rester "
        "celui de l’appel entier. Si vous n’avez pas d’autre appel, écrivez sans attendre à {coordinator}.",
    ),
    Code.TOO_OLD: CodeWords(
        "Appel trop ancien",
        "La date d’appel déclarée est le {call_date}. Pour un passage le {hearing}, l’appel doit dater au plus tôt du {earliest}.",
        "Choisissez un appel passé à partir du {earliest}. Si la date déclarée est une erreur, corrigez-la sur votre attestation, "
        "puis déposez à nouveau le même fichier.",
    ),
    Code.FUTURE_DATE: CodeWords(
        "Date dans le futur",
        "La date d’appel déclarée, le {call_date}, n’est pas encore passée.",
        "Corrigez la date de l’appel sur votre attestation, puis déposez à nouveau le même fichier.",
    ),
    Code.CONSENT_LATE: CodeWords(
        "Accord postérieur à l’appel",
        "L’accord de votre client est daté du {consent_date}, après l’appel du {call_date}. Il doit être recueilli avant de lancer "
        "l’enregistrement, ou dans ses premiers mots.",
        "Si l’une de ces dates est une erreur, corrigez votre attestation, puis déposez à nouveau le même fichier. Si l’accord a bien "
        "été recueilli après l’appel, choisissez un autre appel.",
    ),
    Code.WRONG_UNIT: CodeWords(
        "Aucun enregistrement attendu ici",
        "Aucun enregistrement n’est attendu pour cette partie de la certification : {unit}.",
        "Si vous vouliez le déposer pour une autre partie, utilisez le dossier de cette partie. En cas de doute, écrivez à {coordinator}.",
    ),
    # to a person
    Code.LATE: CodeWords(
        "Après le dernier jour",
        "Le fichier est arrivé le {deposited}, après le dernier jour de dépôt, le {deadline_day}.",
        "Écrivez à {coordinator} la raison de ce retard : elle aidera le centre à décider.",
    ),
    Code.DAMAGED: CodeWords(
        "Fichier abîmé",
        "Une partie du fichier est abîmée et ne s’écoute peut-être pas.",
        "Si vous avez encore le fichier d’origine, déposez-le à nouveau ; sinon, gardez celui-ci : le centre va l’écouter.",
    ),
    Code.MIXED_FORMAT: CodeWords(
        "Réglages qui changent",
        "Les réglages du son changent en cours de fichier, comme si plusieurs enregistrements avaient été mis bout à bout.",
        "Si vous avez le fichier d’origine, d’un seul tenant, déposez-le ; sinon, expliquez à {coordinator} comment il a été fait.",
    ),
    Code.TRAILING_DATA: CodeWords(
        "Autre fichier à la suite du son",
        "Un autre fichier est accroché à la suite du son.",
        "Si vous pouvez exporter à nouveau l’enregistrement en MP3 depuis l’original, déposez ce nouveau fichier ; sinon, attendez la "
        "réponse du centre.",
    ),
    Code.TAG_DAMAGED: CodeWords(
        "Étiquettes abîmées",
        "Les informations jointes au son (titre, date) sont abîmées.",
        "Si vous pouvez exporter à nouveau l’enregistrement en MP3 depuis l’original, déposez ce nouveau fichier ; sinon, attendez la "
        "réponse du centre.",
    ),
    Code.TOO_SHORT: CodeWords(
        "Très court",
        "L’enregistrement ne dure que {duration}.",
        "Vérifiez que c’est le bon fichier, et qu’il est entier ; sinon, déposez le bon.",
    ),
    Code.SILENT: CodeWords(
        "Aucun son audible",
        "Aucun son audible n’a été trouvé dans ce fichier.",
        "Écoutez le fichier sur votre ordinateur. Si vous n’entendez rien, déposez un autre enregistrement ; sinon, attendez la réponse "
        "du centre.",
    ),
    Code.MALWARE: CodeWords(
        "Signalé par l’antivirus",
        "L’antivirus du centre a signalé ce fichier.",
        "Faites vérifier votre ordinateur. Si vous pouvez exporter à nouveau l’enregistrement depuis l’original, déposez ce nouveau "
        "fichier ; sinon, attendez la réponse du centre.",
    ),
    # not taken
    Code.TOO_LARGE: CodeWords(
        "Trop gros",
        "Ce fichier pèse {size} ; la limite est de {size_limit}.",
        "Exportez l’enregistrement en MP3, à 128 kbit/s par exemple : {limit} y tiennent largement. Déposez ce nouveau fichier.",
    ),
    Code.UNKNOWN_FOLDER: CodeWords(
        "Hors d’un dossier de dépôt",
        "Ce fichier se trouve hors d’un dossier de dépôt ouvert par le centre.",
        "Déposez-le dans le dossier qui vous a été attribué : son lien est dans le message d’ouverture.",
    ),
    Code.ALREADY_DESTROYED: CodeWords(
        "Déjà détruit",
        "Ce fichier a déjà été déposé, et sa destruction est commencée ou terminée. Il ne sera pas pris une seconde fois.",
        "Supprimez cette copie, et toute autre qui vous resterait. Si vous devez passer à nouveau, enregistrez un autre appel.",
    ),
    Code.NOT_A_DEPOSIT: CodeWords(
        "Ni enregistrement ni attestation",
        "Ce fichier n’est ni un enregistrement ni une attestation.",
        "Retirez-le du dossier, et déposez l’enregistrement en MP3.",
    ),
    Code.LINK: CodeWords(
        "Raccourci ou dossier",
        "Ceci est un raccourci, un dossier ou un objet particulier, et non un fichier.",
        "Copiez dans le dossier le fichier MP3 lui-même, et non un raccourci vers lui ni un dossier qui le contient.",
    ),
    Code.UNREADABLE: CodeWords(
        "Illisible par le centre",
        "L’ordinateur du centre n’a pas le droit de lire ce fichier, ou n’y parvient pas.",
        "Fermez les logiciels qui l’utilisent, retirez toute protection, puis déposez-le à nouveau. Si cela recommence, écrivez à "
        "{coordinator}.",
    ),
    Code.SESSION_CLOSED: CodeWords(
        "Session fermée",
        "Cette session n’accepte plus de dépôt.",
        "Retirez le fichier du dossier, et écrivez à {coordinator}.",
    ),
    Code.TOO_MANY_FILES: CodeWords(
        "Trop de fichiers à la fois",
        "Ce dossier contient plus d’enregistrements qu’une personne ne peut vouloir en présenter. Ils ne sont pas pris.",
        "Gardez dans le dossier le seul enregistrement que vous présentez, et retirez les autres. Si votre logiciel de synchronisation les "
        "a remis de lui-même, arrêtez-le et écrivez à {coordinator}.",
    ),
    Code.ATTESTATION_UNREADABLE: CodeWords(
        "Attestation à saisir",
        "Votre attestation est là, mais ses champs ne peuvent pas être lus : elle a sans doute été imprimée, numérisée ou « aplatie ».",
        "Vous n’avez rien à refaire : {coordinator} va la saisir. Vous pouvez aller plus vite en remplissant le formulaire en ligne.",
    ),
    Code.ATTESTATION_INCOMPLETE: CodeWords(
        "Attestation incomplète",
        "Votre attestation est là, mais il y manque quelque chose, ou ce qu’elle dit n’est pas possible.",
        "Remplissez le formulaire en ligne, ou corrigez l’attestation PDF dans votre dossier et enregistrez-la au même endroit.",
    ),
    Code.ATTESTATION_CONFLICT: CodeWords(
        "Attestations qui se contredisent",
        "Votre attestation ne dit pas la même chose qu’une autre que nous avons déjà pour ce dossier.",
        "Écrivez à {coordinator} laquelle est la bonne, ou remplissez à nouveau le formulaire en ligne.",
    ),
    # warnings
    Code.TRUNCATED: CodeWords(
        "Fin coupée",
        "La fin du fichier semble coupée.",
        "Écoutez la fin ; si elle manque, déposez à nouveau le fichier entier.",
    ),
    Code.HEADER_LIES: CodeWords(
        "Durée annoncée inexacte",
        "La durée annoncée par le fichier n’est pas sa durée réelle ; c’est la durée réelle qui a été lue.",
        "Rien à faire.",
    ),
    Code.JUNK_BYTES: CodeWords(
        "Octets étrangers",
        "Quelques octets étrangers au son ont été trouvés dans le fichier.",
        "Rien à faire si l’enregistrement s’écoute bien.",
    ),
    Code.TAG_SUSPICIOUS: CodeWords(
        "Document dans les étiquettes",
        "Un document semble caché dans les informations jointes au son.",
        "Rien à faire : il ne sera ni ouvert ni montré.",
    ),
    Code.QUIET: CodeWords(
        "Son faible",
        "Le son est faible.",
        "Écoutez-le ; si vous comprenez les deux voix, il n’y a rien à faire.",
    ),
    Code.CLIPPED: CodeWords(
        "Son saturé",
        "Le son est saturé par endroits.",
        "Écoutez-le ; si vous comprenez les deux voix, il n’y a rien à faire.",
    ),
    Code.MOSTLY_SILENCE: CodeWords(
        "Beaucoup de silence",
        "Le fichier contient surtout du silence.",
        "Vérifiez que l’on entend les deux voix ; sinon, déposez un autre enregistrement.",
    ),
    Code.NOISE: CodeWords(
        "Bruit continu",
        "On entend surtout un bruit continu.",
        "Vérifiez que l’on entend les deux voix ; sinon, déposez un autre enregistrement.",
    ),
    Code.NOISY: CodeWords(
        "Voix dans le bruit",
        "Les voix ressortent peu du bruit de fond.",
        "Écoutez-le ; si vous comprenez les deux voix, il n’y a rien à faire.",
    ),
    Code.DECODE_DIFFERS: CodeWords(
        "Deux durées",
        "Deux façons de mesurer la durée ne donnent pas le même résultat ; la plus longue a été retenue.",
        "Rien à faire.",
    ),
    Code.DATE_CONFLICT: CodeWords(
        "Dates différentes",
        "Une date inscrite dans le fichier s’écarte de celle que vous avez déclarée. Seule la date déclarée compte.",
        "Vérifiez la date de l’appel ; si elle est fausse, corrigez votre attestation.",
    ),
    Code.DATE_UNREADABLE: CodeWords(
        "Date du fichier illisible",
        "Une date inscrite dans le fichier ne peut pas être lue.",
        "Rien à faire : seule compte la date que vous déclarez.",
    ),
    Code.DUPLICATE: CodeWords(
        "Même fichier dans un autre dossier",
        "Les mêmes octets ont été déposés dans un autre dossier encore ouvert.",
        "Écoutez l’enregistrement si l’accord du client le permet, et demandez aux deux candidats à qui appartient cet appel.",
    ),
}
