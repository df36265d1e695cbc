"""`keys rotate`: re-wrap every person's key with the newest master key, batch by batch, while the service runs."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot import wiring
from bot.clock import machine_now
from bot.config import Settings
from storage import confirmations, keyring
from storage.session import Database

BATCH = 1000


def run(settings: Settings, say: Callable[[str], None]) -> None:
    """Returns when everything is wrapped with the newest key. Raises KeyUnusable when an older key is missing."""
    master = wiring.master_keys(settings)
    database = Database(settings.database_url)
    people = 0
    try:
        with database.read() as c:
            keyring.unlock(c, master)
        while True:
            with database.begin() as c:
                done = keyring.rotate_batch(c, master, BATCH)
                is_idle = not done.people and not done.others
                if is_idle and keyring.needed(c) <= {master.newest.id}:
                    break
            people += done.people
            # Rows that a running turn holds are passed over and come round again.
            time.sleep(0.2 if is_idle else 0.01)
        with database.begin() as c:
            confirmations.note_once(c, f"key {master.newest.id}", machine_now().date(), "keys rotate")
    finally:
        database.close()
    say(f"{people} people now under key {master.newest.id}")
    older = [key_id for key_id in master.ids if key_id != master.newest.id]
    if older:
        say(
            f"When every process runs with key {master.newest.id} first, {', '.join(older)} can leave EAP_MASTER_KEYS."
        )
