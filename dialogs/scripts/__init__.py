"""Every script there is. A new one is a file beside these and a line here."""

from __future__ import annotations

from dialogs.scripts import consent, erasing, forgetting, language, screening, withdrawal
from dialogs.steps import Context, Script, Scripts


def registry(context: Context) -> Scripts:
    """All scripts by name. Steps and versions are the same in every language: one context is enough to build them."""
    scripts: list[Script] = [
        *(screening.script(questionnaire) for questionnaire in context.questionnaires.values()),
        *(consent.script(agreed) for agreed in context.consents.values()),
        *(withdrawal.script(agreed) for agreed in context.consents.values()),
        erasing.SCRIPT,
        forgetting.SCRIPT,
        language.SCRIPT,
    ]
    by_name = {script.name: script for script in scripts}
    if len(by_name) != len(scripts):
        raise ValueError("two scripts have the same name")
    return by_name
