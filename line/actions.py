"""LINE's limits on what a tap may do: postback, message, uri, datetime picker and the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from line.shapes import Findings, Rule, Shape, kinds, label, matching, one_of, text, web_address

DATA_MOST = 300
URI_MOST = 1000
_FORMATS = {"date": ("%Y-%m-%d",), "time": ("%H:%M",), "datetime": ("%Y-%m-%dT%H:%M", "%Y-%m-%dt%H:%M")}
_LENGTHS = {"date": 10, "time": 5, "datetime": 16}

uri = web_address(URI_MOST, "http", "https", "line", "tel")
https = web_address(2000, "https")


def _when(mode: str, value: Any) -> datetime | None:
    """The moment a picker's bound names, or None where LINE would refuse it."""
    if not isinstance(value, str) or len(value) != _LENGTHS[mode]:
        return None
    for form in _FORMATS[mode]:
        try:
            return datetime.strptime(value, form)  # noqa: DTZ007  # LINE's pickers know no time zone
        except ValueError:
            continue
    return None


def _picker(found: Findings, path: str, value: dict[str, Any]) -> None:
    mode = value.get("mode")
    if mode not in _FORMATS:
        return
    bounds: dict[str, datetime] = {}
    for name in ("initial", "min", "max"):
        if value.get(name) is None:
            continue
        moment = _when(mode, value[name])
        if moment is None or (mode != "time" and not 1900 <= moment.year <= 2100):
            found.append((f"{path}.{name}", f"invalid {mode}"))
        else:
            bounds[name] = moment
    if "min" in bounds and "max" in bounds and bounds["min"] >= bounds["max"]:
        found.append((f"{path}.max", "must be greater than min"))


def _one_text(found: Findings, path: str, value: dict[str, Any]) -> None:
    if value.get("text") is not None and value.get("displayText") is not None:
        found.append((f"{path}.text", "may not be set together with displayText"))


_data = text(DATA_MOST, empty=True)
_said = label(300, empty=True)


def actions(most: int, *, labelled: bool, quick: bool = False, menu: bool = False) -> Rule:
    """The rule for an action whose label may have `most` characters; `labelled` says it must have one."""
    named = label(most, empty=not labelled)
    must = ("label",) if labelled else ()

    def shape(*required: str, also: tuple[Rule, ...] = (), **fields: Rule) -> Shape:
        return Shape({"label": named, **fields}, (*must, *required), also)

    desktop = Shape({"desktop": uri})
    known: dict[str, Rule] = {
        "postback": shape(
            "data",
            data=_data,
            displayText=_said,
            text=_said,
            fillInText=_said,
            inputOption=one_of("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"),
            also=(_one_text,),
        ),
        "message": shape("text", text=label(300)),
        "uri": shape("uri", uri=uri, altUri=desktop),
        "datetimepicker": shape(
            "data",
            "mode",
            data=_data,
            mode=one_of(*_FORMATS),
            initial=text(16),
            min=text(16),
            max=text(16),
            also=(_picker,),
        ),
        "clipboard": shape("clipboardText", clipboardText=text(1000)),
    }
    if quick:
        known |= {
            kind: Shape({"label": label(20)}, ("label",)) for kind in ("camera", "cameraRoll", "location")
        }
    if menu:
        alias = matching(r"[a-z0-9_-]{1,32}", "1 to 32 of a-z, 0-9, _ and -")
        known["richmenuswitch"] = Shape(
            {"label": label(20, empty=True), "data": _data, "richMenuAliasId": alias},
            ("data", "richMenuAliasId"),
        )
    return kinds(known)


quick_action = actions(20, labelled=True, quick=True)
template_action = actions(20, labelled=True)
tapped_card = actions(20, labelled=False)
image_column_action = actions(12, labelled=False)
flex_action = actions(40, labelled=False)
flex_button_action = actions(40, labelled=True)
menu_action = actions(20, labelled=False, menu=True)
