"""A real IMAP server for tests: Dovecot on free ports of 127.0.0.1, in a folder of its own.

It runs as the unprivileged user `dovecot` when the tests run as root, else as whoever runs them, and ends with the tests even when
these are killed. Every user name signs in with the one password and has a mailbox of its own, made at the first sign-in.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

from tests.ports import free_port

PASSWORD = "open-sesame-4711"
FULL = "IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE UIDPLUS MOVE NAMESPACE CHILDREN UNSELECT ESEARCH"
_LIBRARY = Path("/usr/lib/dovecot")

_CONFIGURATION = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
imap_id_log = *
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_uid = {user}
mail_gid = {group}
mail_home = {folder}/mail/%u
mail_location = maildir:{folder}/mail/%u/Maildir
mail_fsync = never
mail_debug = no
auth_mechanisms = plain login
auth_failure_delay = 0
disable_plaintext_auth = no
mailbox_idle_check_interval = 1 s
imap_capability = {capability}
ssl = {tls}
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{plugins}
"""

# rights are read from a file `dovecot-acl` in the folder
_ACL = """\
mail_plugins = acl
plugin {
  acl = vfile
}
"""


class Dovecot:
    """One server. `start` answers once it speaks; `stop` ends it in order, `kill` at once. Mailboxes and ports stay the same."""

    def __init__(
        self, folder: Path, *, capability: str = FULL, tls: bool = True, acl: bool = False, password: str = PASSWORD
    ) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        self.ca = folder / "ca.pem"
        self.password = password
        self._server: subprocess.Popen[bytes] | None = None
        user, group = ("dovecot", "dovecot") if os.geteuid() == 0 else _own_names()
        self._user = user
        for name in ("run", "state", "mail"):
            (folder / name).mkdir()
        make_certificates(folder)
        configuration = _CONFIGURATION.format(
            folder=folder,
            user=user,
            group=group,
            password=password,
            port=self.port,
            tls_port=self.tls_port,
            capability=capability,
            tls="yes" if tls else "no",
            plugins=_ACL if acl else "",
        )
        (folder / "dovecot.conf").write_text(configuration)
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, user, group)

    def start(self) -> None:
        # a session of its own: Ctrl-C is for the tests, which then stop the server themselves
        command = [*_as(self._user), "/usr/sbin/dovecot", "-F", "-c", self.folder / "dovecot.conf"]
        with (self.folder / "output").open("ab") as output:
            self._server = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        give_up = time.monotonic() + 30
        while not self._speaks():
            if self._server.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"Dovecot does not start:\n{self.told()}")
            time.sleep(0.02)

    def _speaks(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2) as probe:
            probe.settimeout(5)
            return probe.recv(100).startswith(b"* OK")
        return False

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As by a power cut: no good-bye to anybody."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._server is not None:
            os.killpg(self._server.pid, number)
            self._server.wait(30)
            self._server = None

    def told(self) -> str:
        texts = [
            path.read_text(errors="replace") for name in ("output", "log") if (path := self.folder / name).exists()
        ]
        return "\n".join(texts)[-4000:]

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user / "Maildir"

    @contextlib.contextmanager
    def client(self, user: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Another client of this mailbox, with the folder open for writing."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.plain_login(user, self.password)
            client.select_folder(folder)
            yield client

    def deliver(self, user: str, raw: bytes, at: datetime | None = None, folder: str = "INBOX") -> tuple[int, int]:
        """A mail comes into a folder of this mailbox. Answers UIDVALIDITY and UID."""
        with self.client(user, folder) as client:
            words = client.append(folder, raw, msg_time=at).decode()
        _, validity, uid = words[1:].partition("]")[0].split()
        return int(validity), int(uid)

    def deliver_as_it_is(self, user: str, *mails: bytes) -> list[Path]:
        """Bytes that no client could append, as a delivery agent without manners leaves them in the INBOX. Answers their files."""
        if not self.maildir(user).exists():
            with self.client(user):
                pass  # makes the mailbox
        now = time.time_ns()  # once: the server goes by these names, and a clock may be set back meanwhile
        return [self._leave(self.maildir(user), now, number, raw) for number, raw in enumerate(mails)]

    def _leave(self, maildir: Path, now: int, number: int, raw: bytes) -> Path:
        name = f"{now + number}.M{number:06}R{os.urandom(4).hex()}.test"
        draft = maildir / "tmp" / name
        draft.write_bytes(raw)
        if os.geteuid() == 0:
            shutil.chown(draft, self._user, self._user)
        return draft.rename(maildir / "new" / name)

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[bytes]]:
        """What other clients see: the flags of each mail, by UID."""
        with self.client(user, folder) as client:
            return {uid: set(flags) - {b"\\Recent"} for uid, flags in client.get_flags(client.search()).items()}

    def make_folder(self, user: str, folder: str) -> None:
        with self.client(user) as client:
            client.create_folder(folder)

    def renumber(self, user: str, folder: str = "INBOX") -> None:
        """Gives the folder another UIDVALIDITY, as a restored or rebuilt mailbox has."""
        changed = str(int(time.time()) + 1000)
        arguments = ["mailbox", "update", "-u", user, "--uid-validity", changed, folder]
        command = [*_as(self._user), "/usr/bin/doveadm", "-c", self.folder / "dovecot.conf", *arguments]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


def installed() -> bool:
    return (_LIBRARY / "imap").exists() and Path("/usr/sbin/dovecot").exists()


def make_certificates(folder: Path) -> None:
    """`ca.pem`, and `server.pem` with `server.key` for localhost and 127.0.0.1, signed by it."""
    ca_key, ca_name = ec.generate_private_key(ec.SECP256R1()), _name("Test CA")
    ca = _certificate(ca_name, ca_name, ca_key, ca_key, x509.BasicConstraints(ca=True, path_length=0))
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    server = _certificate(_name("localhost"), ca_name, key, ca_key, names)
    (folder / "ca.pem").write_bytes(ca.public_bytes(Encoding.PEM))
    (folder / "server.pem").write_bytes(server.public_bytes(Encoding.PEM))
    (folder / "server.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(signer, hashes.SHA256())
    )


def _own_names() -> tuple[str, str]:
    import grp
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def _as(user: str) -> list[str]:
    """What a command of the server begins with: another user for root, and an end together with ours (Linux)."""
    change_user = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if os.geteuid() == 0 else []
    setpriv = shutil.which("setpriv")
    if setpriv:
        return [setpriv, *change_user, "--pdeathsig=TERM", "--"]
    return ["runuser", "-u", user, "--"] if change_user else []
