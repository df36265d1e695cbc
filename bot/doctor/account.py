"""The account as LINE tells it: token, who may read chats, where webhooks go, what is left to send, LINE's clock."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.config import LINE_BASE, Settings
from bot.doctor.findings import Finding, bad, ok, warn
from bot.webhook import PATH
from line.account import Account, Heard
from storage.store import Now

CONSOLE = "LINE Developers Console > the channel > Messaging API"
MANAGER = "LINE Official Account Manager (官方帳號管理後台)"
# Reply tokens last a minute, and LINE counts an answer after two seconds as none.
CLOCK_WARN, CLOCK_BAD = 5.0, 30.0
QUOTA_WARN = 0.8

_REFUSED = {
    400: "LINE_CHANNEL_SECRET is not this channel's: copy it from LINE Developers Console > Basic settings > Channel"
    " secret, and restart `web`",
    404: f"the address has to end in {PATH}, and the proxy has to pass that path on unchanged",
    405: f"the proxy has to pass POST {PATH} on unchanged",
    413: "the proxy has to let bodies of 2 MB pass",
    502: "the proxy finds no service behind it: is `web` (or `serve`) running, and on the port the proxy knows?",
    503: "neither database nor spool takes anything: see the lines on both",
    504: "the service behind the proxy does not answer in time",
}


def look(settings: Settings, machine: Now) -> Iterator[Finding]:
    """Everything that can be asked. Nothing more is asked of a LINE that does not know our token."""
    account = Account(settings.line_api_base, settings.line_channel_access_token.get_secret_value())
    asked_at = machine()
    info = account.info()
    took = machine() - asked_at
    if not info.is_well:
        yield _unknown(info)
        return
    yield ok("token", f"LINE knows us as {info.body.get('basicId', 'an account without a name')}")
    if info.date is not None:
        yield _clock((asked_at + took / 2 - info.date).total_seconds())
    yield _chat_mode(str(info.body.get("chatMode")))
    yield from _webhook(account, settings)
    yield _quota(account.quota(), account.consumption())


def _unknown(info: Heard) -> Finding:
    if info.status == 0:
        return bad(
            "token",
            f"LINE does not answer ({info.cause}), so nothing could be asked about the account",
            "open the way from here to api.line.me (443), by name, not by address; check LINE_API_BASE",
        )
    if info.status in (401, 403):
        return bad(
            "token",
            "LINE refuses LINE_CHANNEL_ACCESS_TOKEN, so nothing could be asked about the account",
            f"{CONSOLE} > Channel access token > Issue; put it into LINE_CHANNEL_ACCESS_TOKEN and restart",
        )
    return bad(
        "token", f"LINE answers {info.status}", "look at LINE's status page, and try again in some minutes"
    )


def _clock(ahead: float) -> Finding:
    # LINE's own says whole seconds.
    off = abs(ahead)
    says = f"ours is {off:.0f} s {'ahead of' if ahead > 0 else 'behind'} LINE's"
    if off < CLOCK_WARN:
        return ok("clock", "ours agrees with LINE's to some seconds")
    remedy = "let this host keep time: `timedatectl set-ntp true`, or chrony"
    return bad("clock", says, remedy) if off >= CLOCK_BAD else warn("clock", says, remedy)


def _chat_mode(mode: str) -> Finding:
    if mode == "bot":
        return ok("chat", "chat is off: nobody can read along in LINE Official Account Manager")
    return bad(
        "chat",
        "chat is on: whoever has a role in LINE Official Account Manager reads what people write",
        f"{MANAGER} > 設定 > 回應設定 > 聊天: off",
    )


def _webhook(account: Account, settings: Settings) -> Iterator[Finding]:
    wanted = f"{settings.eap_public_url}{PATH}" if settings.eap_public_url else ""
    found = account.endpoint()
    if found.status == 404 or (found.is_well and not found.body.get("endpoint")):
        yield bad(
            "webhook",
            "no webhook URL is set: LINE sends us nothing",
            f"{CONSOLE} > Webhook URL: {wanted or 'https://<your host>' + PATH}, then Verify",
        )
        return
    if not found.is_well:
        yield bad(
            "webhook",
            f"LINE does not say where webhooks go ({found.status or found.cause})",
            "try again later",
        )
        return
    yield _address(str(found.body["endpoint"]), wanted)
    if found.body.get("active") is False:
        yield bad(
            "webhook_on",
            "webhooks are switched off: LINE sends us nothing",
            f"{CONSOLE} > Use webhook: on (or {MANAGER} > 設定 > 回應設定 > Webhook)",
        )
    yield _tested(account.test())


def _address(found: str, wanted: str) -> Finding:
    if not wanted:
        return warn(
            "webhook",
            f"LINE sends webhooks to {_plain(found)}; EAP_PUBLIC_URL is not set, so nobody knows whether that is here",
            "set EAP_PUBLIC_URL to the https address at which people's LINE reaches this service, without a path",
        )
    if found.rstrip("/") != wanted:
        return bad(
            "webhook",
            f"LINE sends webhooks to {_plain(found)}, not to {wanted}",
            f"{CONSOLE} > Webhook URL: {wanted}; or set EAP_PUBLIC_URL right",
        )
    return ok("webhook", f"LINE sends webhooks to {wanted}")


def _plain(address: str) -> str:
    """Without what may stand before the host or after the path."""
    url = urlsplit(address)
    return f"{url.scheme}://{url.hostname}{f':{url.port}' if url.port else ''}{url.path}"


def _tested(heard: Heard) -> Finding:
    if heard.status == 429:
        return warn("webhook_test", "LINE tests no more than 60 times an hour", "try again in an hour")
    if not heard.is_well:
        return bad(
            "webhook_test",
            f"LINE could not test the webhook ({heard.status or heard.cause})",
            "try again later",
        )
    if heard.body.get("success") is True:
        return ok("webhook_test", "LINE has posted a test webhook and got its 200")
    reason, status = str(heard.body.get("reason")), int(heard.body.get("statusCode") or 0)
    if reason == "COULD_NOT_CONNECT":
        return bad(
            "webhook_test",
            "LINE cannot reach the webhook URL",
            "is `web` (or `serve`) running? Name in DNS, port 443 open to everybody (LINE names no addresses),"
            " a certificate of a public authority with its whole chain, TLS 1.2 or newer",
        )
    if reason == "REQUEST_TIMEOUT":
        return bad(
            "webhook_test",
            "the webhook took longer than LINE's two seconds",
            "is the service overloaded, or does the proxy hold requests back? /readyz says what is slow",
        )
    remedy = _REFUSED.get(status, "look into the proxy's log for the answer to POST " + PATH)
    return bad("webhook_test", f"the webhook answered LINE with {status or reason}", remedy)


def _quota(quota: Heard, used: Heard) -> Finding:
    if not (quota.is_well and used.is_well):
        return warn("quota", "LINE does not say what is left to send this month", "try again later")
    total, sent = int(used.body.get("totalUsage", 0)), quota.body.get("value")
    if quota.body.get("type") == "none" or sent is None:
        return ok("quota", f"no limit; {total} messages sent this month")
    limit = int(sent)
    says = f"{total} of {limit} messages of this month are sent"
    remedy = f"{MANAGER} > 方案: a larger one; answers stay free, but reminders and late answers have to wait"
    if total >= limit:
        return bad("quota", says, remedy)
    return warn("quota", says, remedy) if total >= limit * QUOTA_WARN else ok("quota", says)


def is_stand_in(settings: Settings) -> bool:
    return settings.line_api_base != LINE_BASE
