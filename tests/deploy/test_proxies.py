"""The proxies that the operator's page describes, for real: what a slow or hostile sender can and cannot do."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bot import webhook
from line import signature
from tests.deploy import proxies
from tests.deploy.proxies import HOST, Proxy
from tests.figures import Figure
from tests.serving import Serving, environment, serving
from tests.town import SECRET

SLOW = 60
EMPTY = b'{"destination":"U00000000000000000000000000000000","events":[]}'
HALF_A_BODY = f"POST /callback HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 900\r\n\r\n{{".encode()
HALF_A_HEAD = f"POST /callback HTTP/1.1\r\nHost: {HOST}\r\nX-Line-Sig".encode()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("behind")
    env = environment("http://127.0.0.1:9", f"sqlite:///{folder / 'eap.sqlite'}", folder)
    with serving(env, folder) as running:
        yield running


@pytest.fixture(scope="module", params=list(proxies.PROXIES))
def proxy(
    request: pytest.FixtureRequest, service: Serving, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp(request.param)
    with proxies.PROXIES[request.param](folder, _port(service)) as running:
        yield running


def test_sixty_half_sent_bodies_hold_nobody_up_behind_the_proxy(proxy: Proxy, figure: Figure) -> None:
    with _slow_senders(lambda: proxy.connect(5), HALF_A_BODY):
        slowest = max(_timed_webhook(proxy) for _ in range(5))

    figure(
        f"{SLOW} half-sent bodies, {proxy.name} in front: the slowest of 5 webhooks took {slowest * 1000:.0f} ms"
    )
    assert slowest < 1


def test_sixty_half_sent_heads_hold_nobody_up_behind_the_proxy(proxy: Proxy, figure: Figure) -> None:
    with _slow_senders(lambda: proxy.connect(5), HALF_A_HEAD):
        slowest = max(_timed_webhook(proxy) for _ in range(5))

    figure(
        f"{SLOW} half-sent heads, {proxy.name} in front: the slowest of 5 webhooks took {slowest * 1000:.0f} ms"
    )
    assert slowest < 1


def test_without_a_proxy_they_hold_everybody_up(service: Serving, figure: Figure) -> None:
    """Why the page asks for one. Our own server is honest about it: one thread, one sender."""

    def straight() -> socket.socket:
        return socket.create_connection(("127.0.0.1", _port(service)), timeout=5)

    with _slow_senders(straight, HALF_A_BODY), straight() as waiting:
        waiting.settimeout(2)
        waiting.sendall(f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        with pytest.raises(TimeoutError):
            waiting.recv(1)
    figure(f"{SLOW} half-sent bodies, no proxy: no answer to anybody else within 2 s, until they hang up")
    assert service.readyz()["ready"]


def test_a_body_above_the_limit_is_refused_and_one_below_arrives(proxy: Proxy) -> None:
    largest = webhook.LARGEST_BODY

    assert _post(proxy, b"x" * largest, "wrong") == 400
    assert _post(proxy, b"x" * (largest + 1), "wrong") == 413
    assert _post(proxy, EMPTY, signature.sign(EMPTY, SECRET)) == 200


def test_only_what_outsiders_need_is_reached(proxy: Proxy) -> None:
    closed = [
        "/",
        "/readyz",
        "/metrics",
        "/simulator",
        "/console",
        "/callback/",
        "/static/start.css",
        "/healthz/..",
    ]

    assert _ask(proxy, "GET", "/healthz") == 200
    assert {path: _ask(proxy, "GET", path) for path in closed} == dict.fromkeys(closed, 404)
    assert _ask(proxy, "GET", "/callback") in {403, 405}


def test_nothing_of_a_link_is_written_down_not_even_when_the_service_is_away(
    proxy: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp(f"{proxy.name}-away")
    with proxies.PROXIES[proxy.name](away, proxies.free_port()) as alone:
        assert _ask(alone, "GET", "/export/canary-in-a-path?t=canary-in-a-query") == 502
        assert _ask(alone, "POST", "/callback?t=canary-on-a-webhook") == 502
    _ask(proxy, "GET", "/export/canary-in-a-path?t=canary-in-a-query")
    _post(proxy, b"canary in a body" * 9000, "wrong")

    for one in (alone, proxy):
        assert "canary" not in one.written
        assert "/callback" in one.written, "webhooks are logged"


@pytest.mark.parametrize("name", proxies.PROXIES)
def test_a_sender_cannot_say_who_it_is(name: str, tmp_path: Path) -> None:
    claims = (
        "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: evil.example\r\nForwarded: for=203.0.113.9\r\n"
    )
    asked = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n{claims}\r\n"

    with (
        socket.create_server(("127.0.0.1", 0)) as behind,
        proxies.PROXIES[name](tmp_path, behind.getsockname()[1]) as proxy,
        proxy.connect(5) as asking,
    ):
        asking.sendall(asked.encode())
        arrived = _first_request(behind).lower()

    assert "203.0.113.9" not in arrived
    assert "evil.example" not in arrived
    assert "x-forwarded-for: 127.0.0.1\r\n" in arrived
    assert "x-forwarded-proto: https\r\n" in arrived
    assert f"host: {HOST}\r\n" in arrived


def _first_request(listening: socket.socket) -> str:
    line, _ = listening.accept()
    with line:
        line.settimeout(5)
        head = line.recv(65536).decode()
        line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    return head


@contextmanager
def _slow_senders(connect: Callable[[], socket.socket], sent: bytes) -> Iterator[None]:
    with ExitStack() as until_the_end:
        for _ in range(SLOW):
            until_the_end.enter_context(connect()).sendall(sent)
        time.sleep(0.2)
        yield


def _timed_webhook(proxy: Proxy) -> float:
    began = time.monotonic()
    assert _post(proxy, EMPTY, signature.sign(EMPTY, SECRET)) == 200
    return time.monotonic() - began


def _post(proxy: Proxy, body: bytes, signed: str) -> int:
    return _ask(proxy, "POST", "/callback", body, {signature.HEADER: signed})


def _ask(
    proxy: Proxy, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> int:
    line = http.client.HTTPConnection(HOST)
    line.sock = proxy.connect(5)
    try:
        line.request(method, path, body, headers or {})
        return line.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        # Refused while the body was still on its way: the answer is there all the same.
        return http.client.HTTPResponse(line.sock).status
    finally:
        line.close()


def _port(service: Serving) -> int:
    return int(service.url.rpartition(":")[2])
