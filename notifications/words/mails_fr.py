"""The sentences of the mails, in French."""

from notifications.words.mail_shape import Alert, AlertWords, MailTexts, Missing, ReminderWords, Task, TaskWords

MAILS = MailTexts(
    subject="{title} - {context}",
    alert_subject="ALERTE Consigne : {title}",
    automatic="Message automatique. Pour toute question, écrivez à votre contact plutôt que de répondre à ce message.",
    open_title="Votre dossier de dépôt est ouvert",
    open_expected="Ce qui est attendu",
    open_recording="L’enregistrement d’un appel avec un client, au format MP3, de {limit} au plus ({unit}).",
    open_earliest="Votre passage devant le CTE est prévu le {hearing} : l’appel doit avoir eu lieu à partir du {earliest}.",
    open_consent="L’accord de votre client, recueilli avant de lancer l’enregistrement ou dans ses premiers mots : vous lui dites que "
    "l’appel "
    "est enregistré, à quoi il servira et qui l’écoutera, et combien de temps il est conservé.",
    open_folder="1. Déposez le fichier MP3 dans votre dossier : il suffit de l’y copier.",
    open_folder_link="Ouvrir mon dossier de dépôt",
    open_folder_named="Votre dossier s’appelle « {reference} ».",
    open_no_client_name="Ne mettez ni le nom de votre client ni celui de son entreprise dans le nom du fichier.",
    open_form="2. Remplissez l’attestation, un formulaire d’une page : la date de l’appel, celle de l’accord, et trois cases à cocher.",
    open_form_link="Ouvrir le formulaire d’attestation",
    open_pdf="2. Remplissez l’attestation PDF qui se trouve dans le dossier, et enregistrez-la au même endroit.",
    open_answer="Une réponse arrive en général en moins d’une minute, dans le dossier et par mail : elle vous dit s’il reste quelque "
    "chose à "
    "faire.",
    reminders={
        Missing.RECORDING: ReminderWords(
            "Votre enregistrement est attendu : dernier jour {when}",
            "Nous n’avons encore reçu aucun enregistrement de votre part.",
            "Déposez le fichier MP3 dans votre dossier, puis remplissez l’attestation.",
        ),
        Missing.ATTESTATION: ReminderWords(
            "Votre attestation est attendue : dernier jour {when}",
            "Nous avons bien reçu votre enregistrement, mais il manque votre attestation : sans elle, personne ne pourra l’écouter.",
            "Remplissez le formulaire d’une page ; il suffit d’un téléphone.",
        ),
        Missing.ANOTHER_FILE: ReminderWords(
            "Un autre enregistrement est attendu : dernier jour {when}",
            "Le fichier que vous avez déposé a été refusé, et nous n’en avons pas reçu d’autre. La raison est dans la réponse que vous "
            "avez "
            "reçue, et dans votre dossier.",
            "Déposez un autre fichier MP3 dans votre dossier, puis remplissez l’attestation.",
        ),
    },
    today="aujourd’hui",
    tomorrow="demain",
    in_days="dans {count} jours",
    tasks={
        Task.TYPE_ATTESTATION: TaskWords(
            "Une attestation est à saisir",
            "Une attestation a été déposée, mais ses champs ne peuvent pas être lus (imprimée, numérisée ou « aplatie »).",
            "Ouvrez-la dans le dossier, saisissez ce qu’elle dit (consigne consent import), ou demandez au candidat de remplir le "
            "formulaire.",
        ),
        Task.NOT_TAKEN: TaskWords(
            "Un fichier n’a pas été pris",
            "Un fichier a été laissé là où il se trouve : {code}. Une réponse a été posée à côté.",
            "Regardez ce fichier avec le candidat. Consigne ne le retirera pas tant que le dossier vit.",
        ),
        Task.DUPLICATE: TaskWords(
            "Le même enregistrement se trouve dans deux dossiers",
            "Le fichier a été accepté, mais les mêmes octets se trouvent dans un autre dossier encore ouvert. Le candidat n’en sait rien.",
            "Demandez aux deux candidats à qui appartient cet appel, puis décidez.",
        ),
        Task.CAME_BACK: TaskWords(
            "Un enregistrement détruit est revenu",
            "Les octets d’un enregistrement détruit, ou en cours de destruction, ont été déposés à nouveau. Ils n’ont pas été pris : "
            "une copie "
            "avait donc survécu ailleurs.",
            "Faites supprimer cette copie et cherchez d’où elle vient (corbeille, synchronisation, sauvegarde du partage) ; prévenez la "
            "personne responsable de la conformité.",
        ),
        Task.REVIEW: TaskWords(
            "Un enregistrement est à vérifier",
            "Un enregistrement a été reçu, et une personne doit décider : {code}.",
            "Écoutez-le si l’accord du client est enregistré, puis acceptez ou refusez, avec une raison (consigne review).",
        ),
        Task.REVIEW_OVERDUE: TaskWords(
            "Une vérification est en retard",
            "Un enregistrement attend une décision depuis plus longtemps que promis au candidat : {code}.",
            "Acceptez ou refusez aujourd’hui, avec une raison (consigne review).",
        ),
    },
    task_happened="Ce qui s’est passé",
    task_candidate="Candidat : {candidate}, référence {reference}.",
    task_found="Constaté le {when}.",
    task_page="Ouvrir le dossier",
    task_by="Réponse promise au candidat au plus tard le {by}.",
    alerts={
        Alert.MAIL_STUCK: AlertWords(
            "des mails ne partent plus",
            "Des mails attendent depuis plus longtemps que prévu.",
            "Aucun n’est perdu : ils partiront d’eux-mêmes. Les réponses sont aussi dans les dossiers de dépôt.",
            "Vérifiez le serveur de mail et ses réglages (consigne doctor), puis les mails en attente (consigne status).",
        ),
        Alert.MAIL_UNCERTAIN: AlertWords(
            "des mails sont peut-être partis",
            "La liaison avec le serveur de mail s’est rompue après l’envoi : on ne sait pas si ces mails sont arrivés.",
            "Ils ne sont jamais renvoyés d’eux-mêmes, pour ne pas arriver deux fois.",
            "Regardez la liste (consigne status), demandez au destinataire, puis renvoyez ou classez chaque mail.",
        ),
        Alert.STORE_DOWN: AlertWords(
            "l’entrepôt des enregistrements ne répond pas",
            "L’entrepôt des objets chiffrés ne répond pas.",
            "Les fichiers déposés restent dans leurs dossiers et attendent ; rien n’est perdu, aucune réponse n’est donnée.",
            "Vérifiez l’entrepôt, son disque et le réseau (consigne doctor). Le dépôt reprend de lui-même.",
        ),
        Alert.DISK_FULL: AlertWords(
            "le disque est presque plein",
            "L’espace libre est passé sous le plancher fixé.",
            "Le dépôt est arrêté ; les fichiers restent dans leurs dossiers.",
            "Libérez de la place, ou agrandissez le disque. Le dépôt reprend de lui-même.",
        ),
        Alert.MIRROR_UNREACHABLE: AlertWords(
            "le miroir du coffre de clés est injoignable",
            "Le second exemplaire du coffre de clés ne répond pas.",
            "Le dépôt attend, pour qu’aucune clé n’existe en un seul exemplaire ; aucune destruction ne peut être prouvée.",
            "Rebranchez le disque ou l’entrepôt du miroir (consigne doctor). Le dépôt reprend de lui-même.",
        ),
        Alert.WATCHER_STOPPED: AlertWords(
            "les dossiers de dépôt ne sont plus surveillés",
            "La surveillance des dossiers de dépôt s’est arrêtée, ou le partage ne répond pas.",
            "Les fichiers déposés attendent ; aucune réponse n’est donnée.",
            "Vérifiez le partage et le service (consigne doctor), puis redémarrez (consigne up). Ce qui attend sera pris.",
        ),
        Alert.INTAKE_STUCK: AlertWords(
            "des dépôts n’aboutissent pas",
            "Des fichiers complets attendent depuis plus longtemps que prévu.",
            "Ils restent dans leurs dossiers et seront repris ; les candidats n’ont pas encore de réponse.",
            "Regardez ce qui échoue (consigne status, consigne doctor).",
        ),
        Alert.JOURNAL_BROKEN: AlertWords(
            "le journal ne se vérifie plus",
            "La vérification du journal a trouvé une entrée modifiée, retirée ou déplacée.",
            "Ne changez rien et n’effacez rien : l’état présent est une pièce de l’enquête.",
            "Exportez et vérifiez le journal (consigne journal export, consigne journal verify), et prévenez la personne responsable de "
            "la "
            "conformité.",
        ),
        Alert.SCANNER_DOWN: AlertWords(
            "l’antivirus ne répond pas",
            "L’antivirus (clamd) ne répond pas, ou n’accepte pas de fichiers aussi gros qu’un dépôt.",
            "Les fichiers déposés restent dans leurs dossiers et attendent ; rien n’est perdu, aucune réponse n’est donnée.",
            "Relancez clamd, ou relevez ses limites (consigne status dit lesquelles). Le dépôt reprend de lui-même.",
        ),
        Alert.DESTRUCTION_FAILED: AlertWords(
            "une destruction n’aboutit pas",
            "Une destruction arrivée à son terme n’a pas pu être menée au bout, ou n’a pas pu être prouvée.",
            "Aucun certificat n’est remis. Ce dont la destruction a commencé ne peut plus être écouté. L’essai est refait de lui-même.",
            "Lisez le constat de destruction non aboutie, puis vérifiez l’entrepôt, le coffre et son miroir (consigne doctor).",
        ),
        Alert.DESTRUCTION_OVERDUE: AlertWords(
            "des destructions sont en retard",
            "Des enregistrements pouvaient être détruits depuis plus de 48 heures, et ne le sont pas.",
            "Ils restent chiffrés, conservés au-delà de ce qui a été promis à la personne enregistrée.",
            "Voyez si une liste attend une validation (consigne approve) et si le service tourne (consigne status, consigne doctor). "
            "consigne destroy --due --dry-run montre ce qui attend, et quoi.",
        ),
        Alert.CLOCK_DOUBTFUL: AlertWords(
            "l’heure de la machine n’est pas sûre",
            "Rien ne confirme que l’horloge est à l’heure, ou une autre horloge la contredit.",
            "Aucune destruction ne commence tant que l’heure n’est pas sûre.",
            "Mettez l’horloge à l’heure par le réseau (NTP). Si elle est juste, une personne peut s’en porter garante pour la journée.",
        ),
        Alert.ERASURE_WAITS: AlertWords(
            "des traces effacées occupent encore le disque",
            "L’entrepôt n’a pas pu être compacté, ou la base de données n’a pas pu vider son journal d’écriture.",
            "Ce qui reste de l’entrepôt est chiffré, et sa clé est détruite. L’essai est refait de lui-même.",
            "Vérifiez l’entrepôt et la base de données (consigne doctor) ; fermez les outils qui la lisent.",
        ),
    },
    alert_seen="Ce qui est constaté",
    alert_meanwhile="En attendant",
    alert_since="Depuis le {when}.",
    alert_count="Nombre : {count}.",
    report_title="État des dépôts",
    report_counts="En un coup d’œil",
    report_count="{label} : {count}",
    report_deadline="Dernier jour de dépôt : {day}.",
    report_nobody="Aucun candidat n’est inscrit à cette session.",
    report_attached="Le même tableau est joint au format Excel.",
    report_as_of="État au {when}.",
)
