"""What each code means and what to do about it, in English. Data only: no name of a client, no mark, no reproach."""

from notifications.words.shape import CodeWords
from registry.codes import Code

CODES: dict[Code, CodeWords] = {
    # refused
    Code.NOT_MP3: CodeWords(
        "Not an MP3",
        "This file is not an MP3: {found}. Renaming it to “.mp3” is not enough.",
        "{export} Do not use an online conversion site: your client’s voice would be copied there.",
    ),
    Code.EMPTY_FILE: CodeWords(
        "Empty file",
        "This file is empty: it does not hold a single byte.",
        "The copy was probably interrupted. Check that the file plays on your computer, then deposit it again.",
    ),
    Code.TOO_LONG: CodeWords(
        "Too long",
        "The duration read is {duration}; the limit is {limit}.",
        "Choose another call, of {limit} at most. Do not cut or speed up the recording: it must remain the whole call. "
        "If you have no other call, write to {coordinator} without delay.",
    ),
    Code.TOO_OLD: CodeWords(
        "Call too old",
        "The date declared for the call is {call_date}. For a hearing on {hearing}, the call must be dated {earliest} at the earliest.",
        "Choose a call made on or after {earliest}. If the date declared is a mistake, correct it on your attestation, "
        "then deposit the same file again.",
    ),
    Code.FUTURE_DATE: CodeWords(
        "Date in the future",
        "The date declared for the call, {call_date}, has not come yet.",
        "Correct the date of the call on your attestation, then deposit the same file again.",
    ),
    Code.CONSENT_LATE: CodeWords(
        "Consent after the call",
        "Your client’s consent is dated {consent_date}, after the call of {call_date}. It must be obtained before the recording "
        "is started, or as its first words.",
        "If one of these dates is a mistake, correct your attestation, then deposit the same file again. If the consent was "
        "indeed obtained after the call, choose another call.",
    ),
    Code.WRONG_UNIT: CodeWords(
        "No recording expected here",
        "No recording is expected for this part of the certification: {unit}.",
        "If you meant it for another part, use the folder of that part. If in doubt, write to {coordinator}.",
    ),
    # to a person
    Code.LATE: CodeWords(
        "After the last day",
        "The file came on {deposited}, after the last day for deposits, {deadline_day}.",
        "Write to {coordinator} why it is late: this will help the centre to decide.",
    ),
    Code.DAMAGED: CodeWords(
        "Damaged file",
        "Part of the file is damaged and may not play.",
        "If you still have the original file, deposit it again; if not, keep this one: the centre will listen to it.",
    ),
    Code.MIXED_FORMAT: CodeWords(
        "Settings that change",
        "The sound settings change within the file, as if several recordings had been joined.",
        "If you have the original file, in one piece, deposit it; if not, tell {coordinator} how this one was made.",
    ),
    Code.TRAILING_DATA: CodeWords(
        "Another file after the sound",
        "Another file is attached after the sound.",
        "If you can export the recording to MP3 again from the original, deposit that new file; if not, wait for the centre’s answer.",
    ),
    Code.TAG_DAMAGED: CodeWords(
        "Damaged tags",
        "The information attached to the sound (title, date) is damaged.",
        "If you can export the recording to MP3 again from the original, deposit that new file; if not, wait for the centre’s answer.",
    ),
    Code.TOO_SHORT: CodeWords(
        "Very short",
        "The recording lasts only {duration}.",
        "Check that this is the right file, and that it is whole; if not, deposit the right one.",
    ),
    Code.SILENT: CodeWords(
        "No audible sound",
        "No audible sound was found in this file.",
        "Play the file on your computer. If you hear nothing, deposit another recording; if you do, wait for the centre’s answer.",
    ),
    Code.MALWARE: CodeWords(
        "Reported by the antivirus",
        "The centre’s antivirus reported this file.",
        "Have your computer checked. If you can export the recording again from the original, deposit that new file; if not, "
        "wait for the centre’s answer.",
    ),
    # not taken
    Code.TOO_LARGE: CodeWords(
        "Too large",
        "This file holds {size}; the limit is {size_limit}.",
        "Export the recording to MP3, at 128 kbit/s for instance: {limit} fit easily. Deposit that new file.",
    ),
    Code.UNKNOWN_FOLDER: CodeWords(
        "Outside a deposit folder",
        "This file lies outside any deposit folder opened by the centre.",
        "Deposit it in the folder that was given to you: its link is in the opening message.",
    ),
    Code.ALREADY_DESTROYED: CodeWords(
        "Already destroyed",
        "This file was deposited before, and its destruction has begun or is done. It will not be taken a second time.",
        "Delete this copy, and any other that you may still have. If you have to sit again, record another call.",
    ),
    Code.NOT_A_DEPOSIT: CodeWords(
        "Neither recording nor attestation",
        "This file is neither a recording nor an attestation.",
        "Take it out of the folder, and deposit the recording as an MP3.",
    ),
    Code.LINK: CodeWords(
        "Shortcut or folder",
        "This is a shortcut, a folder or a special object, not a file.",
        "Copy the MP3 file itself into the folder, not a shortcut to it nor a folder that holds it.",
    ),
    Code.UNREADABLE: CodeWords(
        "Not readable by the centre",
        "The centre’s computer may not read this file, or cannot.",
        "Close the programs that use it, remove any protection, then deposit it again. If it happens again, write to {coordinator}.",
    ),
    Code.SESSION_CLOSED: CodeWords(
        "Session closed",
        "This session takes no more deposits.",
        "Take the file out of the folder, and write to {coordinator}.",
    ),
    Code.TOO_MANY_FILES: CodeWords(
        "Too many files at once",
        "This folder holds more recordings than a person can mean to present. They are not taken.",
        "Keep in the folder the one recording that you present, and take the others out. If your synchronisation program put them back "
        "by itself, stop it and write to {coordinator}.",
    ),
    Code.ATTESTATION_UNREADABLE: CodeWords(
        "Attestation to type in",
        "Your attestation is here, but its fields cannot be read: it was probably printed, scanned or “flattened”.",
        "You need not do it again: {coordinator} will type it in. Filling in the online form is faster, if you wish.",
    ),
    Code.ATTESTATION_INCOMPLETE: CodeWords(
        "Attestation incomplete",
        "Your attestation is here, but something is missing from it, or what it says is not possible.",
        "Fill in the online form, or correct the PDF attestation in your folder and save it in the same place.",
    ),
    Code.ATTESTATION_CONFLICT: CodeWords(
        "Attestations that contradict each other",
        "Your attestation does not say the same as another one that we already have for this dossier.",
        "Write to {coordinator} which one is right, or fill in the online form again.",
    ),
    # warnings
    Code.TRUNCATED: CodeWords(
        "End cut off",
        "The end of the file seems to be cut off.",
        "Play the end; if it is missing, deposit the whole file again.",
    ),
    Code.HEADER_LIES: CodeWords(
        "Announced duration is wrong",
        "The duration that the file announces is not its real one; the real one was read.",
        "Nothing to do.",
    ),
    Code.JUNK_BYTES: CodeWords(
        "Foreign bytes",
        "A few bytes that are not sound were found in the file.",
        "Nothing to do if the recording plays well.",
    ),
    Code.TAG_SUSPICIOUS: CodeWords(
        "Document in the tags",
        "A document seems to be hidden in the information attached to the sound.",
        "Nothing to do: it will be neither opened nor shown.",
    ),
    Code.QUIET: CodeWords(
        "Weak sound",
        "The sound is weak.",
        "Play it; if you understand both voices, there is nothing to do.",
    ),
    Code.CLIPPED: CodeWords(
        "Saturated sound",
        "The sound is saturated in places.",
        "Play it; if you understand both voices, there is nothing to do.",
    ),
    Code.MOSTLY_SILENCE: CodeWords(
        "A lot of silence",
        "The file holds mostly silence.",
        "Check that both voices can be heard; if not, deposit another recording.",
    ),
    Code.NOISE: CodeWords(
        "Steady noise",
        "What is heard is mostly a steady noise.",
        "Check that both voices can be heard; if not, deposit another recording.",
    ),
    Code.NOISY: CodeWords(
        "Voices in noise",
        "The voices hardly stand out from the background noise.",
        "Play it; if you understand both voices, there is nothing to do.",
    ),
    Code.DECODE_DIFFERS: CodeWords(
        "Two durations",
        "Two ways of measuring the duration disagree; the longer one was kept.",
        "Nothing to do.",
    ),
    Code.DATE_CONFLICT: CodeWords(
        "Dates differ",
        "A date written in the file differs from the one that you declared. Only the declared date counts.",
        "Check the date of the call; if it is wrong, correct your attestation.",
    ),
    Code.DATE_UNREADABLE: CodeWords(
        "File date unreadable",
        "A date written in the file cannot be read.",
        "Nothing to do: only the date that you declare counts.",
    ),
    Code.DUPLICATE: CodeWords(
        "Same file in another folder",
        "The same bytes were deposited in another folder that is still open.",
        "Listen to the recording if the client’s consent allows it, and ask both candidates whose call this is.",
    ),
}
