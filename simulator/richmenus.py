"""Rich menus: made, given a picture, linked to people or to everybody, and reached by alias."""

from __future__ import annotations

from typing import Any

from line import menus as limits
from simulator import ids
from simulator.journal import Journal
from simulator.refusals import Refusal, invalid, not_found

MENUS_MOST = 1000
_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class RichMenus:
    """Not thread-safe: called under the platform's lock."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.menus: dict[str, dict[str, Any]] = {}
        self.pictures: dict[str, tuple[str, bytes]] = {}
        self.aliases: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.default: str | None = None
        self._recall()

    def create(self, menu: Any) -> str:
        self.validate(menu)
        if len(self.menus) >= MENUS_MOST:
            raise Refusal(400, "The maximum number of rich menus has been reached")
        menu_id = f"richmenu-{ids.token()}"
        self.menus[menu_id] = {"richMenuId": menu_id, **menu}
        self._keep(menu_id)
        return menu_id

    def validate(self, menu: Any) -> None:
        """Raises Refusal for a menu LINE would not take."""
        found = limits.findings(menu)
        if found:
            raise invalid(found)

    def get(self, menu_id: str) -> dict[str, Any]:
        if menu_id not in self.menus:
            raise not_found()
        return self.menus[menu_id]

    def delete(self, menu_id: str) -> None:
        self.get(menu_id)
        del self.menus[menu_id]
        self.pictures.pop(menu_id, None)
        self._journal.drop("menu", menu_id)
        self.links = {user: linked for user, linked in self.links.items() if linked != menu_id}
        if self.default == menu_id:
            self.default = None
        self._keep_links()

    def upload(self, menu_id: str, kind: str, picture: bytes) -> None:
        """Give a menu its picture, once and for all."""
        self.get(menu_id)
        if kind not in _PICTURES.values():
            raise Refusal(415, f"The content type, '{kind}', is not supported")
        if menu_id in self.pictures:
            raise Refusal(400, "An image has already been uploaded to the richmenu")
        if len(picture) > limits.IMAGE_BYTES:
            raise Refusal(413, "The image is larger than 1 MB")
        if not any(picture.startswith(head) and kind == named for head, named in _PICTURES.items()):
            raise Refusal(400, "The image is not a JPEG or PNG as its content type says")
        self.pictures[menu_id] = (kind, picture)
        self._keep(menu_id)

    def picture(self, menu_id: str) -> tuple[str, bytes]:
        if menu_id not in self.pictures:
            raise not_found()
        return self.pictures[menu_id]

    def set_default(self, menu_id: str | None) -> None:
        if menu_id is not None:
            self._shown(menu_id)
        self.default = menu_id
        self._keep_links()

    def link(self, users: list[str], menu_id: str) -> None:
        self._shown(menu_id)
        self.links |= dict.fromkeys(users, menu_id)
        self._keep_links()

    def unlink(self, users: list[str]) -> None:
        for user in users:
            self.links.pop(user, None)
        self._keep_links()

    def of(self, user: str) -> str | None:
        """The menu a person sees: their own before everybody's."""
        return self.links.get(user) or self.default

    def set_alias(self, alias: str, menu_id: str, *, new: bool) -> None:
        if new and alias in self.aliases:
            raise Refusal(400, "conflict richmenu alias id")
        if not new and alias not in self.aliases:
            raise not_found()
        if menu_id not in self.pictures:
            raise Refusal(400, "richmenu not found, or it has no image")
        self.aliases[alias] = menu_id
        self._keep_links()

    def drop_alias(self, alias: str) -> None:
        if alias not in self.aliases:
            raise not_found()
        del self.aliases[alias]
        self._keep_links()

    def forget_all(self) -> None:
        self.menus, self.pictures, self.aliases, self.links, self.default = {}, {}, {}, {}, None

    def _shown(self, menu_id: str) -> None:
        self.get(menu_id)
        if menu_id not in self.pictures:
            raise Refusal(400, "must upload richmenu image before applying it to user")

    def _keep(self, menu_id: str) -> None:
        kind, picture = self.pictures.get(menu_id, ("", None))
        self._journal.put("menu", menu_id, {"menu": self.menus[menu_id], "kind": kind}, picture)

    def _keep_links(self) -> None:
        self._journal.put(
            "menus", "links", {"aliases": self.aliases, "links": self.links, "default": self.default}
        )

    def _recall(self) -> None:
        for menu_id, kept, picture in self._journal.all("menu"):
            self.menus[menu_id] = kept["menu"]
            if picture is not None:
                self.pictures[menu_id] = (kept["kind"], picture)
        for _, kept, _ in self._journal.all("menus"):
            self.aliases, self.links, self.default = kept["aliases"], kept["links"], kept["default"]
