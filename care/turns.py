"""One turn of one person: what every use case needs to know, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from care.desk import Desk
from dialogs.steps import Context
from dialogs.texts import Texts
from storage.people import Person
from storage.session import Tx


@dataclass(frozen=True, slots=True)
class Turn:
    """`crisis_answered`: the crisis reply to this event has been sent already, everything else is still to do."""

    tx: Tx
    person: Person
    desk: Desk
    now: datetime
    crisis_answered: bool = False

    @property
    def context(self) -> Context:
        return self.desk.context(self.person.language)

    @property
    def texts(self) -> Texts:
        return self.context.texts

    @property
    def language(self) -> str:
        return self.desk.language(self.person.language)

    @property
    def today(self) -> date:
        return self.desk.local_date(self.now)

    def say(self, key: str, **values: object) -> str:
        return self.texts.say(key, **values)
