"""The centre's staff."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from registry import addresses
from registry.codes import Language
from registry.database import Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.tables import Role, User


def add(tx: Transaction, *, role: Role, name: str, mail: str, language: Language = Language.FR, teams_link: str | None = None) -> User:
    """Enrol a member of the staff.

    Raises:
        RefusedError: the address is not one, or already somebody's.
    """
    mail = addresses.checked(mail)
    if tx.session.exec(select(User).where(User.mail == mail)).first() is not None:
        raise RefusedError("this mail address is already enrolled: give another one, or change that account")
    user = User(id=new_id("usr"), role=role, name=name, mail=mail, language=language, teams_link=teams_link, created_at=tx.now)
    tx.session.add(user)
    tx.record("user.enrolled", user.id, role=str(role))
    return user


def holding(session: Session, role: Role) -> Sequence[User]:
    """Return the active members who hold a role, first enrolled first."""
    return session.exec(select(User).where(User.role == role, col(User.active)).order_by(col(User.created_at), col(User.id))).all()
