"""Whether words that found nothing may be kept as text: never what looks like a person, a number or an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from care.lexicon import said

# A longer text is a story, and not what anyone would look up.
_LONGEST = 20
_NAME_LONGEST = 4
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+")
_NUMBERS = re.compile(r"\d{4,}|[零〇一二兩三四五六七八九十]{5,}")
_SIGNS = re.compile(r"[\s_-]+")


class Names:
    """Surnames and forms of address, in both scripts."""

    def __init__(self, surnames: Iterable[str], honorifics: Iterable[str]) -> None:
        both = {form for name in surnames for form in (name, said(name).closed)}
        forms = {form for word in honorifics for form in (word, said(word).closed)}
        self._surnames = tuple(sorted(both, key=len, reverse=True))
        family = "|".join(map(re.escape, self._surnames))
        # 王科長, 王大明科長, and 小王, 阿明 as people say them among themselves.
        self._addressed = re.compile(rf"(?:{family}).{{0,2}}(?:{'|'.join(map(re.escape, forms))})")
        self._familiar = re.compile(rf"^[小老阿](?:{family})$|^阿.$")

    def look_like(self, text: str) -> bool:
        """Two to four characters that begin with a surname, or a surname with a form of address in it."""
        closed = "".join(_CHINESE.findall(text))
        if 2 <= len(closed) <= _NAME_LONGEST and closed.startswith(self._surnames):
            return True
        return bool(self._addressed.search(closed) or self._familiar.search(closed))


def term(text: str) -> str:
    """One form for the same words however typed; empty when there is nothing to count."""
    return said(text).closed


def is_keepable(text: str, names: Names) -> bool:
    """Whether the text may be shown to whoever keeps the catalogue, once enough people have asked for it.

    Chinese only: in Latin letters a name cannot be told from a word.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    together = _SIGNS.sub("", plain)
    if len(plain) > _LONGEST or not _CHINESE.search(plain) or "@" in plain:
        return False
    if re.search(r"[A-Za-z]", plain) or _NUMBERS.search(together):
        return False
    return not names.look_like(plain)
