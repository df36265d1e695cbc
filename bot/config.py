"""Settings, from the environment and systemd's credentials. A wrong value stops the start and is named, never shown."""

from __future__ import annotations

import ipaddress
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

DEFAULT_DATABASE = "sqlite:///var/eapline.sqlite"
LINE_BASE = "https://api.line.me"


class SettingWrong(Exception):
    """Says which variable is wrong and what is expected."""


def _database(value: str) -> str:
    try:
        kind = make_url(value).get_backend_name()
    except ArgumentError:
        kind = ""
    if kind not in ("sqlite", "postgresql"):
        raise ValueError("expected sqlite:///path or postgresql://user@host/name")
    return value


def _base(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address such as https://api.line.me")
    if parts.scheme == "http" and not is_loopback(value):
        raise ValueError("plain http only to this machine")
    return value.rstrip("/")


def _public(value: str) -> str:
    """Where people reach this service from outside; empty while nobody has said."""
    if not value.strip():
        return ""
    parts = urlsplit(value)
    is_bare = parts.hostname and not (parts.query or parts.fragment or parts.username)
    if not is_bare or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(value))):
        raise ValueError(
            "expected an address such as https://eap.example.gov.tw (plain http only to this machine)"
        )
    return value.rstrip("/")


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError("expected an instant with offset, such as 2026-03-01T09:00:00+08:00")
    return value


def is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """Field names in lower case are the variables of the design's contract in upper case."""

    model_config = SettingsConfigDict(hide_input_in_errors=True, extra="ignore", frozen=True)

    line_channel_secret: Annotated[SecretStr, Field(min_length=1)]
    line_channel_access_token: Annotated[SecretStr, Field(min_length=1)]
    line_api_base: Annotated[str, AfterValidator(_base)] = LINE_BASE
    database_url: Annotated[str, AfterValidator(_database)] = DEFAULT_DATABASE
    eap_plan: str = "demo-town"
    eap_master_keys: SecretStr = SecretStr("")
    eap_metrics_token: SecretStr = SecretStr("")
    eap_spool_dir: Path = Path("var/spool")
    eap_public_url: Annotated[str, AfterValidator(_public)] = ""
    eap_now: Annotated[datetime | None, AfterValidator(_aware)] = None
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    web_concurrency: Annotated[int, Field(ge=1, le=64)] = 1
    log_level: Annotated[str, NoDecode, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The channel secrets in force: two during a rotation."""
        return tuple(part for part in self.line_channel_secret.get_secret_value().split(",") if part.strip())


def read() -> Settings:
    """The settings of this process, or SettingWrong naming every wrong variable."""
    # A credential is a file that systemd shows to one service: not in its environment, which children inherit.
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        settings = Settings(_secrets_dir=folder)
    except ValidationError as error:
        raise SettingWrong("\n".join(_line(wrong["loc"], wrong["msg"]) for wrong in error.errors())) from None
    if not settings.secrets:
        raise SettingWrong("LINE_CHANNEL_SECRET: is empty")
    if settings.eap_now is not None and not is_loopback(settings.line_api_base):
        raise SettingWrong(
            "EAP_NOW: moves the plan's clock, so it is allowed only while LINE_API_BASE is loopback"
        )
    if settings.database_url.startswith("sqlite") and settings.web_concurrency > 1:
        raise SettingWrong(
            "WEB_CONCURRENCY: SQLite has one writer; use PostgreSQL (DATABASE_URL) for more than 1"
        )
    return settings


def _line(where: tuple[int | str, ...], what: str) -> str:
    return f"{str(where[0]).upper()}: {what.removeprefix('Value error, ')}"
