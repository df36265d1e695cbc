"""nginx and Caddy with the files of deploy/ as they are shipped: only ports, certificate and folders differ."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.serving import ROOT
from tests.town import eventually

HOST = "eap.example.gov.tw"
"""The name in the shipped files."""

# Debian's main file has these around what is in conf.d; its user must be one that may read a test's folder.
AROUND = """
{user}
worker_processes auto;
pid {folder}/nginx.pid;
events {{ worker_connections 768; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log {folder}/access.log;
    error_log {folder}/error.log;
    include {site};
}}
"""


@dataclass(frozen=True)
class Proxy:
    """A running proxy: where it listens, whom it trusts, and the folder that holds all it writes."""

    name: str
    port: int
    trust: ssl.SSLContext
    folder: Path

    def connect(self, patience: float) -> ssl.SSLSocket:
        """One line to it, as LINE would have it; every read on it waits so long at most."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=patience)
        return self.trust.wrap_socket(plain, server_hostname=HOST)

    @property
    def written(self) -> str:
        """Everything it has written: logs, and what it may have put aside."""
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        return "\n".join(file.read_bytes().decode(errors="replace") for file in files)


class Certificate:
    """A key and a certificate for HOST, signed by itself."""

    def __init__(self, folder: Path) -> None:
        self.chain, self.key = folder / "fullchain.pem", folder / "privkey.pem"
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        today = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        unlocked = serialization.NoEncryption()
        self.key.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked)
        )

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.chain))


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[Proxy]:
    """A real nginx with deploy/nginx.conf in front of that port."""
    port, certificate = free_port(), Certificate(folder)
    program, config = _program("nginx", "/usr/sbin"), write_nginx(folder, upstream, port, certificate)
    with _running([program, "-e", "stderr", "-c", config, "-g", "daemon off;"], folder):
        yield _ready(Proxy("nginx", port, certificate.trust, folder))


def write_nginx(folder: Path, upstream: int, port: int, certificate: Certificate) -> Path:
    """The configuration; what is replaced must be there, so that the test follows the file."""
    swaps = {
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        f"/etc/letsencrypt/live/{HOST}/fullchain.pem": str(certificate.chain),
        f"/etc/letsencrypt/live/{HOST}/privkey.pem": str(certificate.key),
        "/var/log/nginx/": f"{folder}/",
    }
    site, config = folder / "eapline.conf", folder / "nginx.conf"
    site.write_text(_swap("nginx.conf", swaps))
    user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
    config.write_text(AROUND.format(user=user, folder=folder, site=site))
    return config


@contextmanager
def caddy(folder: Path, upstream: int) -> Iterator[Proxy]:
    """A real Caddy with deploy/Caddyfile in front of that port."""
    port, certificate = free_port(), Certificate(folder)
    program, config = _program("caddy", str(Path(sys.executable).parent)), folder / "Caddyfile"
    swaps = {
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        f"\n{HOST} {{": f"\nhttps://{HOST}:{port} {{\n\ttls {certificate.chain} {certificate.key}",
        "{\n\tservers {": "{\n\tadmin off\n\tpersist_config off\n\tauto_https disable_redirects\n\tservers {",
    }
    config.write_text(_swap("Caddyfile", swaps))
    with _running([program, "run", "--config", config, "--adapter", "caddyfile"], folder):
        yield _ready(Proxy("caddy", port, certificate.trust, folder))


PROXIES = {"nginx": nginx, "caddy": caddy}


def shipped(name: str) -> str:
    return (ROOT / "deploy" / name).read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _swap(name: str, swaps: dict[str, str]) -> str:
    text = shipped(name)
    for old, new in swaps.items():
        assert old in text, f"deploy/{name} has no {old!r} any more"
        text = text.replace(old, new)
    assert not re.search(r"\b443\b|letsencrypt|/var/log", text)
    return text


def _program(name: str, beside: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{beside}")
    assert found, f"{name} is missing: `make test` installs it (setup/nginx.sh, requirements-dev.lock)"
    return found


@contextmanager
def _running(command: list[str | Path], folder: Path) -> Iterator[None]:
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "said.log").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=dict(os.environ) | home)
    try:
        yield
        assert process.poll() is None, (folder / "said.log").read_text()
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(proxy: Proxy) -> Proxy:
    def answers() -> bool:
        try:
            proxy.connect(1).close()
        except OSError:
            return False
        return True

    try:
        eventually(answers, 10)
    except AssertionError:
        raise AssertionError((proxy.folder / "said.log").read_text()) from None
    return proxy
