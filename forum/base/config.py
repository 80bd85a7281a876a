"""Settings from the environment, read once. The program refuses to start on a setting that would put people at risk."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app

from forum.base import mail


class SettingsError(Exception):
    """A setting is missing or cannot be used. The message says which and what to do."""


#: A weather page is what a stranger might have been looking at. An organisation chooses its own.
EXIT_URL = "https://www.bbc.co.uk/weather"


@dataclass(frozen=True)
class Settings:
    """Everything that differs from one installation to the next.

    :param database_url: SQLAlchemy URL; SQLite unless said otherwise.
    :param redis_url: where several processes meet; empty means one process.
    :param keyring_file: mode 0600, outside the database and its backups.
    :param demo: demonstration mode: banner, change of seats, demonstration keyring.
    :param var: the folder for what the program writes.
    :param exit_url: where "Leave this page" goes.
    :param trusted_hosts: host names answered; empty means any (only in demonstration and tests).
    :param proxy_hops: how many proxies stand in front and may say who asked; 0 trusts none.
    :param site_name: a neutral name for titles and tabs; never a topic.
    :param nation: whose crisis contacts are shown to somebody whose organisation is not known yet.
    :param contact: how to reach who runs the site, in words, for people who are in no group.
    :param smtp_url: where mail is handed over (forum.base.mail.read_server); empty: this site sends none.
    :param mail_from: a neutral name and address that mail comes from; never a topic.
    :param crisis_file: the organisation's own crisis lines; None: those that come with the program.
    :param guidance_file: its own words for each step of a concern; None: the same.
    :param call_gateways: origins on the operator's own network to which calls about concerns may go, such as a modem's.
    :param pseudo: offer the pseudo-language that shows untranslated words.
    """

    database_url: str
    keyring_file: Path
    var: Path
    redis_url: str = ""
    demo: bool = False
    exit_url: str = EXIT_URL
    trusted_hosts: tuple[str, ...] = ()
    proxy_hops: int = 0
    site_name: str = "Notes"
    nation: str = "england"
    contact: str = ""
    crisis_file: Path | None = None
    guidance_file: Path | None = None
    origins: tuple[str, ...] = ()
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    call_gateways: tuple[str, ...] = ()
    pseudo: bool = False
    testing: bool = False
    ticker: bool = True
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def sqlite(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url.startswith("sqlite")

    @property
    def erasure_ledger(self) -> Path:
        """What was erased, kept outside the database so that a restore can erase it again (decisions.md §6)."""
        return self.var / "erasures.jsonl"


def settings_from(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    :raises SettingsError: a value cannot be used.
    """
    var = Path(env.get("FORUM_VAR", "var")).absolute()
    hops = env.get("FORUM_PROXY_HOPS", "0")
    if not hops.isdigit():
        raise SettingsError(f"FORUM_PROXY_HOPS is {hops!r}; give a whole number, 0 if no proxy stands in front.")
    crisis, guidance = env.get("FORUM_CRISIS_FILE"), env.get("FORUM_GUIDANCE_FILE")
    return Settings(
        database_url=_database_url(env.get("DATABASE_URL", f"sqlite:///{var / 'forum.db'}")),
        redis_url=env.get("REDIS_URL", ""),
        keyring_file=Path(env.get("FORUM_KEYRING_FILE", var / "keyring.json")).absolute(),
        demo=env.get("FORUM_DEMO", "") == "1",
        var=var,
        exit_url=_exit_url(env.get("FORUM_EXIT_URL", EXIT_URL)),
        trusted_hosts=_names(env.get("FORUM_TRUSTED_HOSTS", "")),
        proxy_hops=int(hops),
        site_name=env.get("FORUM_SITE_NAME", "Notes"),
        nation=env.get("FORUM_NATION", "england"),
        contact=env.get("FORUM_CONTACT", ""),
        crisis_file=Path(crisis) if crisis else None,
        guidance_file=Path(guidance) if guidance else None,
        origins=_names(env.get("FORUM_ORIGINS", "")),
        smtp_url=_smtp_url(env.get("FORUM_SMTP_URL", ""), env.get("FORUM_MAIL_FROM", "")),
        mail_from=env.get("FORUM_MAIL_FROM", ""),
        call_gateways=_names(env.get("FORUM_CALL_GATEWAYS", "")),
        pseudo=env.get("FORUM_PSEUDO", "") == "1",
        ticker=env.get("FORUM_TICKER", "1") == "1",
    )


def _names(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _smtp_url(value: str, sender: str) -> str:
    if not value:
        return ""
    try:
        mail.read_server(value)
    except ValueError as error:
        raise SettingsError(f"FORUM_SMTP_URL cannot be used: {error}.") from error
    if "@" not in sender or not sender.isprintable():
        raise SettingsError("Set FORUM_MAIL_FROM, too: a neutral name and address, such as Notes <notes@example.org>.")
    return value


def _exit_url(value: str) -> str:
    if not value.startswith("https://"):
        raise SettingsError("FORUM_EXIT_URL must begin with https://: leaving must not show the page on the way out.")
    return value


def _database_url(value: str) -> str:
    """psycopg 3 under every name that people use for PostgreSQL."""
    for name in ("postgres://", "postgresql://"):
        if value.startswith(name):
            return "postgresql+psycopg://" + value.removeprefix(name)
    return value


def check(settings: Settings) -> None:
    """Refuse what would put people at risk outside demonstration mode.

    :raises SettingsError: with the setting and what to do.
    """
    if settings.demo or settings.testing:
        return
    if not settings.trusted_hosts:
        raise SettingsError("Set FORUM_TRUSTED_HOSTS to the names this server answers to, such as forum.example.org.")


def the_settings() -> Settings:
    """The settings of the program that this request or command belongs to."""
    settings = current_app.extensions["settings"]
    assert isinstance(settings, Settings)
    return settings


def site_address() -> str:
    """Where people reach this installation, for links that the command line prints."""
    hosts = the_settings().trusted_hosts
    return f"https://{hosts[0]}" if hosts else "https://<your site>"
