"""The mails of sharing, queued in the transaction of what they tell. A personal link is in the mail, and nowhere else."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from notifications import listening_mails, outbox
from notifications.centre import Centre
from notifications.composing import Person as Addressee
from notifications.listening_mails import Access, Assigned, ToReview
from notifications.mail import Mail
from registry.clock import civil_date
from registry.database import Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.sessions import file_of
from registry.tables import Grant, Recording, User
from sharing import asking, listening, signing_in
from sharing.grants import WHY
from sharing.listening import Listener
from sharing.signing_in import Person


def available(tx: Transaction, centre: Centre, grants: Sequence[Grant]) -> None:
    """Send an evaluator one link for all that was just given to him.

    Raises:
        RefusedError: the portal has no address that sound may be heard by.
    """
    signing_in.check_address(centre.portal_url)
    person = signing_in.person_of(tx.session, grants[0].evaluator_id)
    if person is None:
        raise RefusedError("this evaluator is no longer active: enrol the person again, or choose another")
    opens, closes = min(one.opens_at for one in grants), max(one.closes_at for one in grants)
    last = civil_date(closes - datetime.resolution)
    first = civil_date(opens) if opens > tx.now else None
    access = _access(tx.session, centre, person, tx.now, closes)
    mail = listening_mails.available(Assigned(len(grants), last, first), _addressee(person), access)
    _queue(tx.session, centre, person, mail, tx.now)


def to_review(tx: Transaction, centre: Centre, user: User, recording: Recording) -> None:
    """Send a coordinator a link to a recording that he has to review, and write down that it was sent.

    Raises:
        RefusedError: it is not his to hear, or the portal has no address that sound may be heard by.
    """
    signing_in.check_address(centre.portal_url)
    person = signing_in.person_of(tx.session, user.id)
    facts = asking.facts_of(tx.session, user.id, recording.id)
    if person is None or facts.listener is not Listener.COORDINATOR:
        raise RefusedError("only a coordinator listens before deciding: name one with --by")
    found = listening.silence(facts, tx.now)
    if found is not None:
        raise RefusedError(WHY.get(found, "only a recording that awaits a review is heard by a coordinator"))
    file = file_of(tx.session, recording.dossier_id)
    access = _access(tx.session, centre, person, tx.now, tx.now + signing_in.LINK)
    asked = ToReview(file.candidate.reference, recording.review_due_on)
    tx.record("listening.linked", recording.id, listener=user.id)
    _queue(tx.session, centre, person, listening_mails.to_review(asked, _addressee(person), access), tx.now)


def again(session: Session, centre: Centre, person: Person, now: datetime) -> bool:
    """Send somebody a new link, where there is something for him to hear and none was sent a moment ago. The caller commits."""
    offered = asking.offered(session, person.id, now)
    if not offered or not signing_in.may_send_again(session, person.id, now):
        return False
    last = max((one.closes_at for one in offered if one.closes_at), default=now + signing_in.LINK)
    access = _access(session, centre, person, now, last)
    _queue(session, centre, person, listening_mails.again(_addressee(person), access), now)
    return True


def _access(session: Session, centre: Centre, person: Person, now: datetime, until: datetime) -> Access:
    token = signing_in.make_link(session, person.id, now, until)
    expires_at = min(until, now + signing_in.LINK)
    return Access(centre.name, f"{centre.portal_url}/e/{token}", expires_at, centre.contact_for(session, None))


def _addressee(person: Person) -> Addressee:
    return Addressee("", person.name, person.mail, person.language)


def _queue(session: Session, centre: Centre, person: Person, mail: Mail, now: datetime) -> None:
    key = f"{mail.kind}:{new_id('lnk')}"  # each holds a link of its own: none says the same as another
    outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=centre.mail_domain, person_id=person.id)
