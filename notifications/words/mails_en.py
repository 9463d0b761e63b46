"""The sentences of the mails, in English."""

from notifications.words.mail_shape import Alert, AlertWords, MailTexts, Missing, ReminderWords, Task, TaskWords

MAILS = MailTexts(
    subject="{title} - {context}",
    alert_subject="Consigne ALERT: {title}",
    automatic="Automatic message. For any question, write to your contact rather than answering this message.",
    open_title="Your deposit folder is open",
    open_expected="What is expected",
    open_recording="The recording of one call with a client, as an MP3, of {limit} at most ({unit}).",
    open_earliest="Your hearing before the evaluation committee is planned on {hearing}: the call must have been made on or after "
    "{earliest}.",
    open_consent="Your client’s consent, obtained before the recording is started or as its first words: you say that the call is "
    "recorded, "
    "what for and who will listen to it, and how long it is kept.",
    open_folder="1. Deposit the MP3 file in your folder: copying it there is enough.",
    open_folder_link="Open my deposit folder",
    open_folder_named="Your folder is called “{reference}”.",
    open_no_client_name="Put neither your client’s name nor that of the company in the name of the file.",
    open_form="2. Fill in the attestation, a one-page form: the date of the call, that of the consent, and three ticks.",
    open_form_link="Open the attestation form",
    open_pdf="2. Fill in the PDF attestation that is in the folder, and save it in the same place.",
    open_answer="An answer usually comes within a minute, in the folder and by mail: it tells you whether anything is left to do.",
    reminders={
        Missing.RECORDING: ReminderWords(
            "Your recording is expected: last day {when}",
            "We have not received any recording from you yet.",
            "Deposit the MP3 file in your folder, then fill in the attestation.",
        ),
        Missing.ATTESTATION: ReminderWords(
            "Your attestation is expected: last day {when}",
            "We have received your recording, but your attestation is missing: without it, nobody will be able to listen.",
            "Fill in the one-page form; a phone is enough.",
        ),
        Missing.ANOTHER_FILE: ReminderWords(
            "Another recording is expected: last day {when}",
            "The file that you deposited was refused, and we have not received another. The reason is in the answer that you received, "
            "and "
            "in your folder.",
            "Deposit another MP3 file in your folder, then fill in the attestation.",
        ),
    },
    today="today",
    tomorrow="tomorrow",
    in_days="in {count} days",
    tasks={
        Task.TYPE_ATTESTATION: TaskWords(
            "An attestation is to be typed in",
            "An attestation was deposited, but its fields cannot be read (printed, scanned or “flattened”).",
            "Open it in the folder, type in what it says (consigne consent import), or ask the candidate to fill in the form.",
        ),
        Task.NOT_TAKEN: TaskWords(
            "A file was not taken",
            "A file was left where it lies: {code}. An answer was put beside it.",
            "Look at this file with the candidate. Consigne will not remove it while the dossier lives.",
        ),
        Task.DUPLICATE: TaskWords(
            "The same recording is in two folders",
            "The file was accepted, but the same bytes are in another folder that is still open. The candidate was not told.",
            "Ask both candidates whose call this is, then decide.",
        ),
        Task.CAME_BACK: TaskWords(
            "A destroyed recording came back",
            "The bytes of a recording that is destroyed, or being destroyed, were deposited again. They were not taken: so a copy had "
            "survived "
            "elsewhere.",
            "Have that copy deleted and find where it came from (trash, synchronisation, backup of the share); tell the compliance "
            "officer.",
        ),
        Task.REVIEW: TaskWords(
            "A recording is to be checked",
            "A recording was received, and a person must decide: {code}.",
            "Listen to it if the client’s consent is on record, then accept or refuse, with a reason (consigne review).",
        ),
        Task.REVIEW_OVERDUE: TaskWords(
            "A check is overdue",
            "A recording has waited for a decision longer than the candidate was promised: {code}.",
            "Accept or refuse today, with a reason (consigne review).",
        ),
    },
    task_happened="What happened",
    task_candidate="Candidate: {candidate}, reference {reference}.",
    task_found="Found on {when}.",
    task_page="Open the dossier",
    task_by="The candidate was promised an answer by {by}.",
    alerts={
        Alert.MAIL_STUCK: AlertWords(
            "mails no longer leave",
            "Mails have been waiting for longer than planned.",
            "No mail is lost: they will leave by themselves. The answers are in the deposit folders too.",
            "Check the mail server and its settings (consigne doctor), then the mails that wait (consigne status).",
        ),
        Alert.MAIL_UNCERTAIN: AlertWords(
            "mails may have left",
            "The connection to the mail server broke after sending: it is not known whether these mails arrived.",
            "They are never sent again by themselves, so that none arrives twice.",
            "Look at the list (consigne status), ask the recipient, then resend or settle each mail.",
        ),
        Alert.STORE_DOWN: AlertWords(
            "the store of recordings does not answer",
            "The store of encrypted objects does not answer.",
            "Deposited files stay in their folders and wait; nothing is lost, no answer is given.",
            "Check the store, its disk and the network (consigne doctor). Intake goes on by itself.",
        ),
        Alert.DISK_FULL: AlertWords(
            "the disk is nearly full",
            "Free space went below the floor that was set.",
            "Intake has stopped; files stay in their folders.",
            "Free some space, or enlarge the disk. Intake goes on by itself.",
        ),
        Alert.MIRROR_UNREACHABLE: AlertWords(
            "the mirror of the key vault cannot be reached",
            "The second copy of the key vault does not answer.",
            "Intake waits, so that no key exists in one copy only; no destruction can be proved.",
            "Plug the mirror’s disk or store in again (consigne doctor). Intake goes on by itself.",
        ),
        Alert.WATCHER_STOPPED: AlertWords(
            "the deposit folders are no longer watched",
            "The watching of the deposit folders has stopped, or the share does not answer.",
            "Deposited files wait; no answer is given.",
            "Check the share and the service (consigne doctor), then start again (consigne up). What waits will be taken.",
        ),
        Alert.INTAKE_STUCK: AlertWords(
            "deposits do not come to an end",
            "Whole files have been waiting for longer than planned.",
            "They stay in their folders and will be taken up again; the candidates have no answer yet.",
            "Look at what fails (consigne status, consigne doctor).",
        ),
        Alert.JOURNAL_BROKEN: AlertWords(
            "the journal no longer verifies",
            "Checking the journal found an entry that was edited, removed or moved.",
            "Change nothing and delete nothing: the present state is evidence.",
            "Export and verify the journal (consigne journal export, consigne journal verify), and tell the compliance officer.",
        ),
        Alert.SCANNER_DOWN: AlertWords(
            "the antivirus does not answer",
            "The antivirus (clamd) does not answer, or does not take files as large as a deposit.",
            "Deposited files stay in their folders and wait; nothing is lost, no answer is given.",
            "Start clamd again, or raise its limits (consigne status says which). Intake goes on by itself.",
        ),
        Alert.DESTRUCTION_FAILED: AlertWords(
            "a destruction does not succeed",
            "A destruction that was due could not be carried through, or could not be proved.",
            "No certificate is given. Nobody can listen to what has begun to be destroyed. It is tried again by itself.",
            "Read the report of the destruction, then check the store, the vault and its mirror (consigne doctor).",
        ),
        Alert.DESTRUCTION_OVERDUE: AlertWords(
            "destructions are overdue",
            "Recordings could have been destroyed for more than 48 hours, and are not.",
            "They stay sealed, kept for longer than the person who was recorded was promised.",
            "See whether a list waits for an approval (consigne approve) and whether the service runs (consigne status, consigne doctor). "
            "consigne destroy --due --dry-run shows what waits, and for what.",
        ),
        Alert.CLOCK_DOUBTFUL: AlertWords(
            "the time of the machine is not sure",
            "Nothing confirms that the clock is right, or another clock contradicts it.",
            "No destruction begins until the time is sure.",
            "Have the clock kept in time by the network (NTP). If it is right, a person may vouch for it for the day.",
        ),
        Alert.ERASURE_WAITS: AlertWords(
            "erased traces still lie on the disk",
            "The store could not be compacted, or the database could not empty its log of writes.",
            "What is left in the store is sealed, and its key is destroyed. It is tried again by itself.",
            "Check the store and the database (consigne doctor); close the tools that read it.",
        ),
    },
    alert_seen="What is seen",
    alert_meanwhile="Meanwhile",
    alert_since="Since {when}.",
    alert_count="Number: {count}.",
    report_title="State of the deposits",
    report_counts="At a glance",
    report_count="{label}: {count}",
    report_deadline="Last day for deposits: {day}.",
    report_nobody="No candidate is enrolled in this session.",
    report_attached="The same table is attached as an Excel workbook.",
    report_as_of="State on {when}.",
)
