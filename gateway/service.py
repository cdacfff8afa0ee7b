"""Start, wire, stop: one process of the gateway.

Order matters: the lock before the store, the schema before its readers, channels last, so that nobody is accepted before
everything that answers them runs. Stopping goes the other way: no new arrivals, turns and attempts under way are finished,
everything else waits in the store for the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from aiohttp import web

from case_store import checkpoints, schema
from case_store.conversations import Row, StoredMessage
from case_store.files import Files
from case_store.store import Store, Transaction, Wake
from channels.channel import Channel
from channels.email.authenticity import Checking
from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.lookups import Lookups
from channels.email.mailbox import Mailbox
from channels.email.receive import SmtpReceiver
from channels.email.send import Outgoing, OutgoingFolder, Relay
from channels.email.sign import Signer
from channels.phone.channel import PhoneChannel
from channels.phone.folder import WatchedFolder
from channels.webchat.socket import add_chat
from dialogue.engine import Engine
from dialogue.policy_terms import TriagePolicy
from gateway import filing, lapsing
from gateway.api.app import setup_api
from gateway.assigner import Assigner
from gateway.auth.first import ensure_admin
from gateway.chat import Chat, origin_allowed
from gateway.clockwork import Clockwork
from gateway.complaints import Complaints
from gateway.conductor import Conductor
from gateway.config import HostPort, Settings, SettingsError
from gateway.console import routes as console_routes
from gateway.context import GATEWAY, Gateway
from gateway.delivery import Delivery
from gateway.duties import StoredDuty
from gateway.engines import Engines, LateEngine
from gateway.examiner import Examiner
from gateway.hooks import (
    AGENT_REPLIED,
    CASE_ANSWERED,
    CASE_CHANGED,
    FILE_CASE,
    OWNER_CHANGED,
    PROMISES,
    READY_CHECKS,
    TAKE_COMPLAINT,
    UNDERSTAND,
    WAY_OPENED,
    AgentReplied,
    FileCase,
)
from gateway.in_force import InForce
from gateway.intake import Intake
from gateway.kept_secrets import house_secret, rasa_secret
from gateway.lock import DataDirectoryLock
from gateway.logs import on_loop_error, set_up_logs
from gateway.mailbox import mailbox_driver
from gateway.notifications import Notices
from gateway.operator import OperatorSocket
from gateway.patience import Patience, many_files
from gateway.places import folder_of_files, prepare, signing_key_path
from gateway.policy import Policy, load_policy, triage_of
from gateway.portal.routes import routes as portal_routes
from gateway.promises import Promises
from gateway.rules import Edition
from gateway.secret import check_secret
from gateway.telephone.handing_in import HandingIn, keeper
from gateway.telephone.reading import Calls
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from gateway.web import CLIENT, setup_web
from gateway.webhooks.posting import Poster

if TYPE_CHECKING:  # loaded only where Rasa is spoken with
    from dialogue.listening import Listener
    from gateway.rasa import RasaEngine

log = structlog.get_logger(__name__)

FOLDER_DUTY: Final = timedelta(seconds=10)  # after a process that was killed the folder is watched again so soon
GRACE = 20.0  # seconds that connections may take to end


class Service:
    """One running gateway. `start` returns once it is ready to accept."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._ends = contextlib.AsyncExitStack()
        self.http: tuple[str, int] = ("", 0)
        self.smtp: tuple[str, int] | None = None
        self.in_force: InForce | None = None
        self.first_password: str | None = None  # of `admin`, when it was made up at this start: printed once

    async def start(self) -> None:
        settings = self.settings
        data = settings.data_dir
        prepare(data)
        lock = self._ends.enter_context(DataDirectoryLock(data, {"pid": os.getpid(), "node": settings.node}))
        gateway = await self._open()
        self.in_force = gateway.in_force
        password = settings.admin_password
        self.first_password = await ensure_admin(gateway.store, password.get_secret_value() if password else None)
        promises = Promises(gateway.rules, settings)
        late = embedded_later(triage_of(gateway.policy, promises.house))
        rasa = rasa_engine(settings, late, promises)
        gateway.rules.follow(lambda edition: late.renew(engine_under(edition.policy)))
        engines = Engines(late, outside=rasa)
        self._ends.callback(engines.close)
        email, phone = email_channel(gateway), phone_channel(gateway)
        gateway.rules.follow(lambda edition: follow_rules(edition, email, phone, rasa))
        channels = self._channels(gateway, email, phone)
        intake = Intake(gateway, channels)
        notices = Notices(promises, settings, gateway.tokens)
        key = checkpoints.signing_key(signing_key_path(data))
        gateway.another_way, gateway.owner_changed = notices.fall_back, notices.owner_changed
        delivery = Delivery(gateway, channels)
        conductor = Conductor(gateway, engines, notices, thinking_of(channels))
        for channel in channels.values():
            self._ends.push_async_callback(channel.stop)  # after intake: its readers still read what is under way
        calls = Calls(gateway, engines, notices)
        gateway.hand_in = HandingIn(gateway, phone, intake)
        self._running(intake, delivery, conductor, calls, Clockwork(gateway, notices, key), Examiner(gateway))
        self._running(Assigner(gateway, promises), Poster(gateway))
        if gateway.in_force is not None:
            self._running(gateway.in_force)
        app = self._app(gateway, engines, notices)
        add_telegram(app, channels)
        if rasa is not None:
            self._ends.push_async_callback(rasa.close)
            rasa.add_routes(app)
        await self._serve(app)
        for channel in channels.values():
            with told_if_taken("QINGTING_SMTP", settings.smtp):
                await channel.start(intake.accept)
        receiver = email.receiver
        self._ends.push_async_callback(email.stop_receiving)
        self.smtp = None if receiver is None or settings.smtp is None else (settings.smtp.host, receiver.port)
        operator = OperatorSocket(gateway)
        self._ends.push_async_callback(operator.stop)
        told = {"pid": os.getpid(), "node": settings.node, "http": "http://{}:{}".format(*self.http)}
        threading.Thread(target=partial(warm, late, promises), name="warm", daemon=True).start()
        lock.tell({**told, "operator": await operator.start()})

    async def _open(self) -> Gateway:
        """The store with its schema, and what every room shares."""
        settings, wakeups = self.settings, Wakeups()
        url = settings.database
        store = Store(url, on_wake=wakeups.publish)
        self._ends.callback(store.close)
        await asyncio.to_thread(schema.upgrade, store)
        tokens = Tokens(house_secret(settings))
        await store.write(check_secret, tokens.fingerprint())
        if settings.listen_dsn is not None:
            from gateway.listen import Listener  # brings PostgreSQL's driver, which SQLite can start without

            listener = Listener(settings.listen_dsn, wakeups, settings.node)
            store.on_wake = _both(wakeups, listener)
            listener.start()
            self._ends.push_async_callback(listener.stop)
        gateway = Gateway(
            settings=settings,
            policy=load_policy(settings.policy),
            store=store,
            files=Files(folder_of_files(settings)),
            tokens=tokens,
            wakeups=wakeups,
        )
        store.around = gateway.rules.held
        gateway.in_force = InForce(gateway)
        await gateway.in_force.begin()
        return gateway

    def _channels(self, gateway: Gateway, email: EmailChannel, phone: PhoneChannel) -> dict[str, Channel]:
        channels: dict[str, Channel] = {email.name: email, phone.name: phone}
        if self.settings.telegram_token is not None:
            from gateway.telegram import telegram_channel  # its library takes a third of a second to load

            channels["telegram"] = telegram_channel(gateway)
        return channels

    def _running(self, *rooms: Any) -> None:
        for room in rooms:
            room.start()
            self._ends.push_async_callback(room.stop)

    def _app(self, gateway: Gateway, engines: Engines, notices: Notices) -> web.Application:
        app = web.Application(client_max_size=int(self.settings.max_message))
        app[GATEWAY] = gateway
        setup_web(app)
        app[TAKE_COMPLAINT] = Complaints(engines, notices)
        app[UNDERSTAND] = engines.understand
        app[CASE_CHANGED] = lapsing.changer(notices)
        app[CASE_ANSWERED] = lapsing.answerer(notices)
        app[WAY_OPENED] = notices.way_opened
        app[FILE_CASE] = filer(notices)
        app[AGENT_REPLIED] = replier(notices)
        app[OWNER_CHANGED] = notices.owner_changed
        app[PROMISES] = notices.promises
        setup_api(app)
        portal_routes(app)
        console_routes(app)
        add_chat(
            app,
            Chat(gateway),
            lambda request: origin_allowed(gateway, request),
            lambda request: request[CLIENT].network,
        )
        return app

    async def _serve(self, app: web.Application) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE, handle_signals=False)
        await runner.setup()
        self._ends.push_async_callback(runner.cleanup)
        self._running(Patience(runner))
        site = web.TCPSite(runner, self.settings.http.host, self.settings.http.port, backlog=1024)
        with told_if_taken("QINGTING_HTTP", self.settings.http):
            await site.start()
        self.http = runner.addresses[0][:2]

    async def stop(self) -> None:
        await self._ends.aclose()


class CannotListen(Exception):
    """An address to listen on is taken, or not this machine's."""


@contextlib.contextmanager
def told_if_taken(setting: str, where: HostPort | None) -> Iterator[None]:
    """Turns the system's refusal into a sentence that names the setting."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_LISTENING:
            raise
        why = "another program listens there already" if error.errno == errno.EADDRINUSE else error.strerror
        raise CannotListen(f"{setting} is {where}: {why}; stop it or set {setting} to another host:port") from None


_NO_LISTENING: Final = frozenset({errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES})


def warm(engine: LateEngine, promises: Promises) -> None:
    """Loads behind what the first date and the first turn need."""
    now = datetime.now(promises.zone)
    engine.load()
    promises.days.warm(now.date())
    from dialogue.embedded import read_ahead

    read_ahead(now)


def embedded_later(policy: TriagePolicy) -> LateEngine:
    """The embedded engine under this policy, not loaded yet: its modules read many word lists."""
    return LateEngine(_loading(policy))


def engine_under(policy: Policy) -> Callable[[], Engine]:
    """What makes the embedded engine under another policy."""
    return _loading(triage_of(policy))


def _loading(policy: TriagePolicy) -> Callable[[], Engine]:
    def load() -> Engine:
        from dialogue.embedded import embedded_engine

        return embedded_engine(policy)

    return load


def follow_rules(edition: Edition, email: EmailChannel, phone: PhoneChannel, rasa: RasaEngine | None) -> None:
    """What channels and Rasa keep of the rules, as another edition says it."""
    email.composer.call_house({language.value: name for language, name in edition.policy.institution.name.items()})
    phone.announced = edition.policy.telephone.announces_recording
    if rasa is not None:
        rasa.house = edition.house


def rasa_engine(settings: Settings, embedded: LateEngine, promises: Promises) -> RasaEngine | None:
    """The Rasa that settings name. It listens as the embedded engine does, which stands in for it."""
    if settings.dialogue == "embedded":
        return None
    from gateway.rasa import RasaEngine

    def listener() -> Listener:
        engine: Any = embedded.load()
        return cast("Listener", engine.listener)

    key = house_secret(settings)
    return RasaEngine(settings.dialogue.url, rasa_secret(settings), listener, promises.house, key=key)


def add_telegram(app: web.Application, channels: Mapping[str, Channel]) -> None:
    """The webhook's route, if it has one, and what `/readyz` asks."""
    channel: Any = channels.get("telegram")
    if channel is not None:
        from gateway.telegram import ready

        channel.add_routes(app)
        app[READY_CHECKS].append(ready(channel))


def thinking_of(channels: Mapping[str, Channel]) -> Callable[[str, str], None]:
    """Shows a customer, by channel and address, that an answer is being written; where the channel can."""

    def thinking(channel: str, address: str) -> None:
        show: Any = getattr(channels.get(channel), "thinking", None)
        if show is not None:
            show(address)

    return thinking


def email_channel(gateway: Gateway) -> EmailChannel:
    """The mailbox: in by SMTP where that is on, out by the relay or into the folder."""
    settings = gateway.settings
    mailbox = Mailbox.parse(settings.complaints_address)
    names = {language.value: name for language, name in gateway.policy.institution.name.items()}
    receiver = None
    if settings.smtp is not None:
        receiver = SmtpReceiver(
            settings.smtp.host,
            settings.smtp.port,
            hostname=mailbox.domain,
            max_size=int(settings.max_message),
            complaints_address=settings.complaints_address,
            tls_context=_tls_context(settings),
        )
    return EmailChannel(
        Composer(mailbox, names, asks_whether_read=settings.mail_receipts == "read"),
        _outgoing(settings),
        receiver,
        imap=mailbox_driver(gateway),
        checking=checking(settings),
        lookups=None if settings.mail_auth != "verify" else Lookups(name_server(settings)),
        signer=email_signer(settings, mailbox.domain),
    )


def checking(settings: Settings) -> Checking:
    """How the senders of mails are checked."""
    relay = settings.trusted_relay
    networks = tuple(str(network) for network in relay.networks) if relay else ()
    return Checking(settings.mail_auth, relay.name if relay else "", networks)


def name_server(settings: Settings) -> tuple[str, int] | None:
    """The name server to ask; None for the machine's own."""
    return None if settings.dns is None else (settings.dns.host, settings.dns.port)


def email_signer(settings: Settings, domain: str) -> Signer | None:
    """What signs outgoing mail, if a key is set. Raises SettingsError for one that can't."""
    if settings.dkim_key is None or settings.dkim_selector is None:
        return None
    try:
        return Signer.from_file(settings.dkim_key, settings.dkim_selector, domain)
    except (OSError, ValueError) as error:
        why = error.strerror or type(error).__name__ if isinstance(error, OSError) else error
        raise SettingsError(
            [f"QINGTING_DKIM_KEY is {str(settings.dkim_key)!r}: expected a PEM file with an RSA or Ed25519 key ({why})"]
        ) from None


def phone_channel(gateway: Gateway) -> PhoneChannel:
    """All telephone lines; watches the folder where one is set."""
    settings = gateway.settings
    folder = None
    if settings.transcripts_folder is not None:
        duty = StoredDuty(gateway.store, "transcripts", settings.node, FOLDER_DUTY)
        folder = WatchedFolder(settings.transcripts_folder, duty, largest=int(settings.max_message))
    announced = gateway.policy.telephone.announces_recording
    return PhoneChannel(keeper(gateway), settings.timezone, announced=announced, folder=folder)


def _tls_context(settings: Settings) -> ssl.SSLContext | None:
    if settings.smtp_tls_cert is None or settings.smtp_tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.smtp_tls_cert, settings.smtp_tls_key)
    return context


def _outgoing(settings: Settings) -> Outgoing:
    if settings.smtp_relay is None:
        return OutgoingFolder(settings.data_dir / "outgoing")
    plain, asks = settings.smtp_relay_plaintext, settings.mail_receipts != "none"
    return Relay(settings.smtp_relay.url, allow_plain=plain, asks_whether_delivered=asks)


def replier(notices: Notices) -> AgentReplied:
    """An agent's words leave in the transaction that stores them."""

    def replied(tx: Transaction, conversation: Row, message: StoredMessage) -> None:
        filing.agent_replied(tx, notices, conversation, message)

    return replied


def filer(notices: Notices) -> FileCase:
    """Registers a draft because an agent says so; the customer is told."""

    def file(tx: Transaction, case_id: str, actor: str) -> None:
        filing.file_case(tx, notices, case_id, incomplete=False, actor=actor, notify=True)

    return file


def _both(wakeups: Wakeups, listener: Any) -> Any:
    def publish(wakes: list[Wake]) -> None:
        wakeups.publish(wakes)
        listener.pass_on(wakes)

    return publish


async def run(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM."""
    set_up_logs(settings.log, settings.log_level)
    many_files()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(on_loop_error)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    service = Service(settings)
    try:
        await service.start()
        print("\n".join(greeting(service)), flush=True)
        await stopped.wait()
    finally:
        await service.stop()


def greeting(service: Service) -> list[str]:
    """What the operator reads once the gateway is ready."""
    settings = service.settings
    url = settings.public_url or "http://{}:{}".format(*service.http)
    lines = [f"Qingting is ready: {url}/ for customers, {url}/console for agents"]
    lines += [] if service.in_force is None else service.in_force.told()
    if service.smtp is not None:
        lines.append("mail to {} is taken by SMTP on {}:{}".format(settings.complaints_address, *service.smtp))
    if settings.imap is not None:
        lines.append(f"mail is fetched from folder {settings.imap.folder} on {settings.imap.host} by IMAP")
    if service.first_password is not None:
        lines.append(f"first sign-in: admin, password {service.first_password} (shown only this once)")
    return lines
