"""Five ways to get it wrong, each one change of our own source: the harness must see every one of them."""

from __future__ import annotations
import __future__

import functools
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType


@dataclass(frozen=True)
class Patch:
    """In `function` of `module`, `old` (found exactly once in the module) becomes `new`."""

    module: str
    function: str
    old: str
    new: str

    @functools.cache  # noqa: B019  # a handful of patches, for as long as the process lives
    def code(self) -> tuple[FunctionType, CodeType]:
        """The function as it runs, and the code it would have. Refuses once the text is no longer there."""
        module = importlib.import_module(self.module)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        if source.count(self.old) != 1:
            raise AssertionError(f"{self.module} was rewritten: plant the mistake in {self.function} anew")
        flags = __future__.annotations.compiler_flag
        whole = compile(source.replace(self.old, self.new), str(module.__file__), "exec", flags, dont_inherit=True)
        function = inspect.unwrap(functools.reduce(getattr, self.function.split("."), module))  # type: ignore[arg-type]  # the last one is a function
        assert isinstance(function, FunctionType)
        return function, next(code for code in _codes(whole) if code.co_qualname == self.function)


@dataclass(frozen=True)
class Mutant:
    """A mistake, the flow it shows in, and the way there: between the last two of these functions (none: anywhere)."""

    name: str
    flow: str
    patches: tuple[Patch, ...]
    way: tuple[str, ...] = ()

    def compile(self) -> None:
        """Find every place to change: before anything forks, and before anybody edits the files."""
        for patch in self.patches:
            patch.code()

    def apply(self) -> None:
        """Make the mistake in this process, for good."""
        for patch in self.patches:
            function, code = patch.code()
            function.__code__ = code


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "A marked sent before sending",
        "an answer",
        (
            Patch(
                "storage.outbox",
                "add_in_hand",
                '"state": SendState.REPLYING, "tries": 1',
                '"state": SendState.SENT, "tries": 1',
            ),
        ),
        ("add_in_hand", "settle"),
    ),
    Mutant(
        "B fresh retry key on each try",
        "a refused reply becomes a push",
        (
            Patch(
                "handlers.deliver",
                "Deliver._push",
                "parcel.to, messages, parcel.retry_key,",
                'parcel.to, messages, str(__import__("uuid").uuid4()),',
            ),
        ),
        ("Deliver._push", "Deliver._end", "CalendarTick.__call__"),
    ),
    Mutant(
        "C no event-id uniqueness",
        "an answer",
        (
            Patch(
                "storage.inbox",
                "store",
                'tx.keys.index("event", arrival.event_id): arrival',
                'tx.keys.index("event", f"{arrival.event_id}{tx.ids()}"): arrival',
            ),
        ),
    ),
    Mutant(
        "D outbox written after the commit",
        "an answer",
        (
            Patch("handlers.drain", "Drain._turns", "        self._put_out(tx, turned, now)\n", ""),
            Patch(
                "handlers.drain",
                "Drain.round",
                "turned = self._turns(tx, some)\n",
                "turned = self._turns(tx, some)\n"
                "            with store.begin() as tx:\n"
                "                self._put_out(tx, turned, store.machine())\n",
            ),
        ),
        ("Drain._put_out", "Runtime._hand_over"),
    ),
    Mutant(
        "E two transactions: the turn, then its mark",
        "an answer",
        (
            Patch(
                "handlers.drain",
                "Drain._turns",
                "        inbox.finish(tx, [event_id for one in turned for event_id in one.done])\n",
                "",
            ),
            Patch(
                "handlers.drain",
                "Drain.round",
                "turned = self._turns(tx, some)\n",
                "turned = self._turns(tx, some)\n"
                "            with store.begin() as tx:\n"
                "                inbox.finish(tx, [event_id for one in turned for event_id in one.done])\n",
            ),
        ),
        ("Drain._put_out", "release", "Runtime._hand_over"),
    ),
)
