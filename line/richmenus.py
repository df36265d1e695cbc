"""Putting a rich menu up on LINE: once, however often it is asked for, and whatever cut the last try off.

LINE never changes a menu: a new one is made, given its picture, shown to everybody, and then the old one is deleted.
Creating and deleting are allowed a hundred times an hour, so an unchanged menu costs two looks and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from line import menus
from line.menu_picture import HEIGHT, WIDTH, Bounds, Picture

LINE, LINE_DATA = "https://api.line.me", "https://api-data.line.me"
TIMEOUT = (3.0, 20.0)
# How our menus are told from others of the same account, which are left alone.
PREFIX = "eap-line "

Json = dict[str, Any]
Got = TypeVar("Got")


class MenuRefused(Exception):
    """LINE did not do a step; the text says which, and who can mend it."""


class Absent(MenuRefused):
    """LINE says that there is no such thing (404)."""


@dataclass(frozen=True, slots=True)
class Menu:
    """`body` is what LINE wants, its name ending in a digest of all that is to be seen and of what a tap says."""

    body: Json
    picture: bytes
    alias: str

    @property
    def name(self) -> str:
        return str(self.body["name"])


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: `created` and `deleted` are zero when LINE already had it."""

    menu_id: str
    created: int
    deleted: int


class Api(Protocol):
    """The calls of LINE's that are needed here. Each raises MenuRefused."""

    def listed(self) -> list[tuple[str, str]]:
        """(id, name) of every menu."""
        ...

    def default(self) -> str | None: ...
    def alias(self, alias: str) -> str | None: ...
    def has_picture(self, menu_id: str) -> bool: ...
    def create(self, body: Json) -> str: ...
    def upload(self, menu_id: str, picture: bytes) -> None: ...
    def set_default(self, menu_id: str) -> None: ...
    def set_alias(self, alias: str, menu_id: str, *, new: bool) -> None: ...
    def delete(self, menu_id: str) -> None: ...


def menu(alias: str, chat_bar: str, areas: Sequence[tuple[Bounds, str, str]], picture: Picture) -> Menu:
    """A menu whose areas (place, label, words said) send what a typed word sends. Raises ValueError: LINE's limits."""
    body: Json = {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "chatBarText": chat_bar,
        "areas": [
            {
                "bounds": {"x": place.x, "y": place.y, "width": place.width, "height": place.height},
                "action": {"type": "message", "label": label, "text": says},
            }
            for place, label, says in areas
        ],
    }
    shown = json.dumps(body, sort_keys=True).encode() + picture.pixels
    body["name"] = f"{PREFIX}{alias} {hashlib.sha256(shown).hexdigest()[:16]}"
    found = menus.problems(body)
    if len(picture.png) > menus.IMAGE_BYTES:
        found.append(f"the picture has {len(picture.png)} bytes")
    if found:
        raise ValueError("; ".join(found))
    return Menu(body, picture.png, alias)


def apply(api: Api, wanted: Menu) -> Applied:
    """Show this menu to everybody. Safe to call again after any interruption; people always see a whole menu.

    The order is the promise: nothing is shown before it has its picture, nothing deleted before another is shown.
    """
    ours = [(menu_id, name) for menu_id, name in api.listed() if name.startswith(f"{PREFIX}{wanted.alias} ")]
    same, shown = [menu_id for menu_id, name in ours if name == wanted.name], api.default()
    # Of two made by a try that never heard back, the one that is shown stays.
    chosen = shown if shown in same else same[0] if same else None
    menu_id = chosen or api.create(wanted.body)
    if shown != menu_id:
        if chosen is None or not api.has_picture(menu_id):
            api.upload(menu_id, wanted.picture)
        api.set_default(menu_id)
    pointed = api.alias(wanted.alias)
    if pointed != menu_id:
        api.set_alias(wanted.alias, menu_id, new=pointed is None)
    old = [other for other, _ in ours if other != menu_id]
    for other in old:
        api.delete(other)
    return Applied(menu_id, int(chosen is None), len(old))


class LineMenus:
    """LINE's own API. Each call has time-outs and no hidden retries; close it when done."""

    def __init__(self, base: str, token: str) -> None:
        from linebot.v3 import messaging
        from urllib3 import Retry

        base = base.rstrip("/")
        settings = messaging.Configuration(host=base, access_token=token)
        settings.retries = Retry(total=0, redirect=0, respect_retry_after_header=False)
        if urlsplit(base).hostname in ("127.0.0.1", "localhost", "::1"):
            settings.proxy = None
        self._sdk = messaging
        self._connections = messaging.ApiClient(settings)
        self._api = messaging.MessagingApi(self._connections)
        # The SDK knows one host for pictures only, whatever base it is given.
        self._data = LINE_DATA if base == LINE else base

    def close(self) -> None:
        self._connections.rest_client.pool_manager.clear()

    def listed(self) -> list[tuple[str, str]]:
        found = _done("list the menus", lambda: self._api.get_rich_menu_list(_request_timeout=TIMEOUT))
        return [(one.rich_menu_id, one.name) for one in found.richmenus]

    def default(self) -> str | None:
        found = _found(
            "read the default menu", lambda: self._api.get_default_rich_menu_id(_request_timeout=TIMEOUT)
        )
        return None if found is None else str(found.rich_menu_id)

    def alias(self, alias: str) -> str | None:
        found = _found(
            "read the alias", lambda: self._api.get_rich_menu_alias(alias, _request_timeout=TIMEOUT)
        )
        return None if found is None else str(found.rich_menu_id)

    def has_picture(self, menu_id: str) -> bool:
        return _found("look for the picture", lambda: self._content("GET", menu_id)) is not None

    def create(self, body: Json) -> str:
        request = self._sdk.RichMenuRequest.from_dict(body)
        made = _done("create the menu", lambda: self._api.create_rich_menu(request, _request_timeout=TIMEOUT))
        return str(made.rich_menu_id)

    def upload(self, menu_id: str, picture: bytes) -> None:
        _done("upload the picture", lambda: self._content("POST", menu_id, picture))

    def set_default(self, menu_id: str) -> None:
        _done(
            "show it to everybody",
            lambda: self._api.set_default_rich_menu(menu_id, _request_timeout=TIMEOUT),
        )

    def set_alias(self, alias: str, menu_id: str, *, new: bool) -> None:
        if new:
            made = self._sdk.CreateRichMenuAliasRequest(richMenuAliasId=alias, richMenuId=menu_id)
            _done("make the alias", lambda: self._api.create_rich_menu_alias(made, _request_timeout=TIMEOUT))
        else:
            moved = self._sdk.UpdateRichMenuAliasRequest(richMenuId=menu_id)
            _done(
                "move the alias",
                lambda: self._api.update_rich_menu_alias(alias, moved, _request_timeout=TIMEOUT),
            )

    def delete(self, menu_id: str) -> None:
        """A menu that is gone already counts as deleted."""
        _found("delete the old menu", lambda: self._api.delete_rich_menu(menu_id, _request_timeout=TIMEOUT))

    def _content(self, method: str, menu_id: str, picture: bytes | None = None) -> bool:
        """Send the picture or look whether there is one. Raises what the SDK raises."""
        self._connections.call_api(
            "/v2/bot/richmenu/{richMenuId}/content",
            method,
            {"richMenuId": menu_id},
            header_params={"Content-Type": "image/png"} if picture is not None else {},
            body=picture,
            auth_settings=["Bearer"],
            _preload_content=False,
            _request_timeout=TIMEOUT,
            _host=self._data,
        )
        return True


def _found(step: str, call: Callable[[], Got]) -> Got | None:
    """What LINE answers, or None where it says that there is no such thing. Raises MenuRefused."""
    try:
        return _done(step, call)
    except Absent:
        return None


def _done(step: str, call: Callable[[], Got]) -> Got:
    """What LINE answers. Raises MenuRefused."""
    from linebot.v3.messaging.exceptions import ApiException
    from urllib3 import exceptions as wire

    try:
        return call()
    except ApiException as error:
        refused = Absent if error.status == 404 else MenuRefused
        raise refused(f"could not {step}: {_why(int(error.status or 0))}") from error
    except (wire.HTTPError, OSError) as error:
        raise MenuRefused(
            f"could not {step}: no answer from LINE ({type(error).__name__}); the same command goes on from here"
        ) from error


def _why(status: int) -> str:
    known = {
        400: "LINE refuses it (400)",
        401: "LINE_CHANNEL_ACCESS_TOKEN is not valid (401)",
        403: "this account may not do that (403)",
        404: "LINE does not know it (404); the same command begins again",
        413: "the picture is too large (413)",
        429: "too many tries (429): LINE allows 100 an hour; the same command goes on from here later",
    }
    return known.get(status, f"LINE answers {status}; the same command goes on from here")
