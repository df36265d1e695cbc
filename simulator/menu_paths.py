"""LINE's paths for rich menus, their pictures, links and aliases."""

from __future__ import annotations

from simulator.platform import Platform
from simulator.refusals import Refusal, not_found, property_invalid
from simulator.wire import Answer, Request

BULK_MOST = 500


def create(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        return Answer({"richMenuId": platform.menus.create(request.json())})


def validate(platform: Platform, request: Request) -> Answer:
    platform.menus.validate(request.json())
    return Answer()


def get(platform: Platform, request: Request) -> Answer:
    return Answer(platform.menus.get(request.ids[0]))


def listed(platform: Platform, request: Request) -> Answer:
    return Answer({"richmenus": list(platform.menus.menus.values())})


def delete(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        platform.menus.delete(request.ids[0])
        _redraw(platform)
    return Answer()


def upload(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        platform.menus.upload(request.ids[0], request.kind, request.body)
    return Answer()


def download(platform: Platform, request: Request) -> Answer:
    kind, picture = platform.menus.picture(request.ids[0])
    return Answer(picture, kind=kind)


def set_default(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        platform.menus.set_default(request.ids[0])
        _redraw(platform)
    return Answer()


def get_default(platform: Platform, request: Request) -> Answer:
    if platform.menus.default is None:
        raise not_found()
    return Answer({"richMenuId": platform.menus.default})


def drop_default(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        platform.menus.set_default(None)
        _redraw(platform)
    return Answer()


def link(platform: Platform, request: Request) -> Answer:
    """For a stranger, or somebody who blocked: 200 and no effect, as LINE does."""
    user, menu = request.ids
    with platform.lock:
        person = platform.chats.people.get(user)
        platform.menus.link([user] if person is not None and person.can_receive else [], menu)
        _redraw(platform)
    return Answer()


def unlink(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        platform.menus.unlink([request.ids[0]])
        _redraw(platform)
    return Answer()


def linked(platform: Platform, request: Request) -> Answer:
    menu = platform.menus.links.get(request.ids[0])
    if menu is None:
        raise Refusal(404, "the user has no richmenu")
    return Answer({"richMenuId": menu})


def _users(request: Request) -> list[str]:
    users = request.json().get("userIds")
    if (
        not isinstance(users, list)
        or not 1 <= len(users) <= BULK_MOST
        or not all(isinstance(u, str) for u in users)
    ):
        raise property_invalid("userIds")
    return users


def bulk_link(platform: Platform, request: Request) -> Answer:
    users, menu = _users(request), request.json().get("richMenuId")
    if not isinstance(menu, str):
        raise property_invalid("richMenuId")
    with platform.lock:
        platform.menus.link([user for user in users if user in platform.chats.people], menu)
        _redraw(platform)
    return Answer({}, 202)


def bulk_unlink(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        platform.menus.unlink(_users(request))
        _redraw(platform)
    return Answer({}, 202)


def make_alias(platform: Platform, request: Request) -> Answer:
    body = request.json()
    alias, menu = body.get("richMenuAliasId"), body.get("richMenuId")
    if not isinstance(alias, str) or not alias or not isinstance(menu, str):
        raise property_invalid("richMenuAliasId")
    with platform.lock:
        platform.menus.set_alias(alias, menu, new=True)
    return Answer()


def change_alias(platform: Platform, request: Request) -> Answer:
    menu = request.json().get("richMenuId")
    if not isinstance(menu, str):
        raise property_invalid("richMenuId")
    with platform.lock:
        platform.menus.set_alias(request.ids[0], menu, new=False)
    return Answer()


def get_alias(platform: Platform, request: Request) -> Answer:
    menu = platform.menus.aliases.get(request.ids[0])
    if menu is None:
        raise not_found()
    return Answer({"richMenuAliasId": request.ids[0], "richMenuId": menu})


def list_aliases(platform: Platform, request: Request) -> Answer:
    known = platform.menus.aliases.items()
    return Answer({"aliases": [{"richMenuAliasId": alias, "richMenuId": menu} for alias, menu in known]})


def drop_alias(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        platform.menus.drop_alias(request.ids[0])
    return Answer()


def _redraw(platform: Platform) -> None:
    for user in platform.chats.people:
        platform.chats.touch(None, user)


_AT = "/v2/bot/richmenu"
PATHS = [
    ("POST", _AT, "richmenu_create", create),
    ("POST", f"{_AT}/validate", "richmenu_validate", validate),
    ("GET", f"{_AT}/list", "richmenu_list", listed),
    ("POST", f"{_AT}/bulk/link", "richmenu_bulk", bulk_link),
    ("POST", f"{_AT}/bulk/unlink", "richmenu_bulk", bulk_unlink),
    ("POST", f"{_AT}/alias", "alias", make_alias),
    ("GET", f"{_AT}/alias/list", "alias", list_aliases),
    ("GET", f"{_AT}/alias/{{aliasId}}", "alias", get_alias),
    ("POST", f"{_AT}/alias/{{aliasId}}", "alias", change_alias),
    ("DELETE", f"{_AT}/alias/{{aliasId}}", "alias_delete", drop_alias),
    ("GET", f"{_AT}/{{menuId}}", "richmenu_get", get),
    ("DELETE", f"{_AT}/{{menuId}}", "richmenu_delete", delete),
    ("POST", f"{_AT}/{{menuId}}/content", "richmenu_upload", upload),
    ("GET", f"{_AT}/{{menuId}}/content", "richmenu_download", download),
    ("POST", "/v2/bot/user/all/richmenu/{menuId}", "richmenu_default", set_default),
    ("GET", "/v2/bot/user/all/richmenu", "richmenu_default", get_default),
    ("DELETE", "/v2/bot/user/all/richmenu", "richmenu_default", drop_default),
    ("GET", "/v2/bot/user/{userId}/richmenu", "richmenu_link", linked),
    ("DELETE", "/v2/bot/user/{userId}/richmenu", "richmenu_link", unlink),
    ("POST", "/v2/bot/user/{userId}/richmenu/{menuId}", "richmenu_link", link),
]
