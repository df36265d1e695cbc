"""Words that work at any time, typed by anyone: what a short text asks for, if it is one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialogs.reading import LONGEST, plain


class Words:
    """A word stands for itself; politeness around it (我要…, …一下, please) is left out before it is looked up."""

    def __init__(
        self, words: Mapping[str, Iterable[str]], before: Iterable[str], after: Iterable[str]
    ) -> None:
        self._asked: dict[str, str] = {}
        for action, said in words.items():
            for word in said:
                if self._asked.setdefault(_closed(plain(word) or word), action) != action:
                    raise ValueError(f"{word} stands for two things")
        self._before = sorted({plain(word) for word in before}, key=len, reverse=True)
        self._after = sorted({plain(word) for word in after}, key=len, reverse=True)

    def action(self, text: str) -> str | None:
        """The name of what is asked for, or None: not one of these words."""
        if len(text) > LONGEST:
            return None
        said = plain(text) or text.strip()
        return self._asked.get(_closed(said)) or self._politely(said)

    def knows(self, text: str) -> bool:
        return self.action(text) is not None

    def _politely(self, said: str) -> str | None:
        for word in self._after:
            if said.endswith(word) and len(said) > len(word):
                said = said[: -len(word)].strip()
                break
        for word in ("", *self._before):
            rest = said.removeprefix(word).strip() if said.startswith(word) else ""
            if rest and _closed(rest) in self._asked:
                return self._asked[_closed(rest)]
        return None


def _closed(said: str) -> str:
    """Chinese has no spaces to keep; words in Latin letters do."""
    return said if said.isascii() else said.replace(" ", "")
