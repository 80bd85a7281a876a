"""Sending one plain mail over SMTP. It knows no people: what it says and to whom comes as arguments, and nothing is logged."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

#: A server that says nothing for this long is tried again later.
TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Server:
    """Where mail is handed over. :param tls: "" for none, "starttls", or "tls" from the first byte on."""

    host: str
    port: int
    tls: str = ""
    user: str = ""
    password: str = ""


def read_server(url: str) -> Server:
    """smtp://user:password@host:port with `?starttls` behind it, or smtps://….

    :raises ValueError: it is neither.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("it must begin with smtp:// or smtps:// and name a server")
    if parts.query not in ("", "starttls"):
        raise ValueError("behind the question mark only starttls is known")
    tls = "tls" if parts.scheme == "smtps" else parts.query
    port = parts.port or {"tls": 465, "starttls": 587}.get(tls, 25)
    return Server(parts.hostname, port, tls, unquote(parts.username or ""), unquote(parts.password or ""))


def write(sender: str, to: str, subject: str, body: str, ident: str, at: datetime) -> EmailMessage:
    """A mail with no header more than it needs: two mails differ in receiver, time, id and words alone.

    :param ident: random letters; the same for a mail that is tried again, so that its receiver keeps one.
    """
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{ident}@{sender.rpartition('@')[2].rstrip('> ')}>"
    mail["Auto-Submitted"] = "auto-generated"  # so that nobody's "I am away" answers it
    mail.set_content(body, cte="7bit" if body.isascii() else "base64")
    return mail


def send(server: Server, mail: EmailMessage) -> None:
    """Hand it over, at most once: a server that had all of it and then fell silent may have kept it.

    :raises OSError: it was not taken; to be tried again with the same id.
    """
    try:
        line = _open(server)
    except smtplib.SMTPException as error:
        raise OSError("the mail server did not open") from error
    try:
        _greet(line, server, mail)
        _hand_over(line, mail)
    except smtplib.SMTPException as error:
        raise OSError("the mail server did not take it") from error
    finally:
        line.close()


def _greet(line: smtplib.SMTP, server: Server, mail: EmailMessage) -> None:
    if server.tls == "starttls":
        line.starttls(context=ssl.create_default_context())
    line.ehlo_or_helo_if_needed()
    if server.user:
        line.login(server.user, server.password)
    for said in (line.mail(parseaddr(mail["From"])[1]), line.rcpt(mail["To"])):
        if said[0] not in (250, 251):
            raise smtplib.SMTPResponseException(*said)


def _hand_over(line: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        code, why = line.data(mail.as_bytes(policy=policy.SMTP))
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError):
        return
    if code != 250:
        raise smtplib.SMTPDataError(code, why)


def _open(server: Server) -> smtplib.SMTP:
    if server.tls == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(
            server.host, server.port, local_hostname="localhost", timeout=TIMEOUT_S, context=context
        )
    return smtplib.SMTP(server.host, server.port, local_hostname="localhost", timeout=TIMEOUT_S)
