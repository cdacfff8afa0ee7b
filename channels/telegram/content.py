"""What a message says, and what it holds that has no words.

Words are the customer's own: a text, a caption, their own telephone number. Everything else is described in their language, for
people; files come along as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from channels.message import Attachment, MissingFile
from channels.telegram.files import Wanted, files_of, taken
from channels.telegram.update import Contact, Location, Message
from channels.telegram.words import say

VOICES: Final = ("voice", "video_note", "audio")

_BESIDE: Final = frozenset(  # what may stand in any message beside its content
    [
        "sender_chat",
        "sender_boost_count",
        "sender_business_bot",
        "sender_tag",
        "business_connection_id",
        "forward_from",
        "forward_from_chat",
        "forward_from_message_id",
        "forward_signature",
        "forward_sender_name",
        "is_topic_message",
        "message_thread_id",
        "is_automatic_forward",
        "direct_messages_topic",
        "external_reply",
        "reply_to_story",
        "reply_to_checklist_task_id",
        "reply_to_poll_option_id",
        "via_bot",
        "has_protected_content",
        "is_from_offline",
        "is_paid_post",
        "author_signature",
        "paid_star_count",
        "link_preview_options",
        "suggested_post_info",
        "effect_id",
        "caption_entities",
        "show_caption_above_media",
        "has_media_spoiler",
        "guest_query_id",
        "guest_bot_caller_user",
        "guest_bot_caller_chat",
    ]
)
_SERVICE: Final = frozenset(  # what Telegram itself says in a chat
    [
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "group_chat_created",
        "supergroup_chat_created",
        "channel_chat_created",
        "message_auto_delete_timer_changed",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "successful_payment",
        "refunded_payment",
        "users_shared",
        "chat_shared",
        "gift",
        "unique_gift",
        "gift_upgrade_sent",
        "connected_website",
        "write_access_allowed",
        "passport_data",
        "proximity_alert_triggered",
        "boost_added",
        "chat_background_set",
        "checklist_tasks_done",
        "checklist_tasks_added",
        "direct_message_price_changed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "giveaway_created",
        "giveaway_completed",
        "paid_message_price_changed",
        "suggested_post_approved",
        "suggested_post_approval_failed",
        "suggested_post_declined",
        "suggested_post_paid",
        "suggested_post_refunded",
        "video_chat_scheduled",
        "video_chat_started",
        "video_chat_ended",
        "video_chat_participants_invited",
        "chat_owner_left",
        "chat_owner_changed",
        "managed_bot_created",
        "poll_option_added",
        "poll_option_deleted",
    ]
)


@dataclass(frozen=True, slots=True)
class Content:
    words: str
    unspoken: str
    brought: str
    attachments: tuple[Attachment, ...]
    missing: tuple[MissingFile, ...]

    @property
    def text(self) -> str:
        """All of it, with what is described at its end."""
        return "\n".join(part for part in (self.words, self.unspoken) if part)


def content_of(message: Message, language: str, fetched: Mapping[str, bytes], first: int = 0) -> Content | None:
    """None for what Telegram itself says. `first` is the place of the message's first file among the update's."""
    files = files_of(message)
    words, described = _words(message, language), _described(message, files, language)
    if not words and not described and not files:
        strange = sorted(set(message.model_extra or ()) - _BESIDE)
        if not strange or _SERVICE.intersection(strange):
            return None
        described = [say("other", language, kind=strange[0])]
    became = list(taken(files, fetched, first))
    missing = tuple(one for one in became if isinstance(one, MissingFile))
    described += [say("missing", language, name=one.name) for one in missing]
    if message.is_forwarded:
        described.append(_forwarded(message, language))
    return Content(
        words=words,
        unspoken=" ".join(described),
        brought="" if words else _brought(files),
        attachments=tuple(one for one in became if isinstance(one, Attachment)),
        missing=missing,
    )


def service_kinds(message: Message) -> list[str]:
    """What Telegram says in a message that is nobody's."""
    return sorted(_SERVICE.intersection(message.model_extra or ()))


def _words(message: Message, language: str) -> str:
    if message.text is not None or message.caption is not None:
        return (message.text or message.caption or "").strip()
    if message.contact is not None and _is_own(message, message.contact):
        return say("own_contact", language, phone=_phone(message.contact))
    return ""


def _is_own(message: Message, contact: Contact) -> bool:
    """Telegram vouches for a number only if it is the sender's; anybody's can be passed on."""
    return message.sender is not None and contact.user_id == message.sender.id


def _phone(contact: Contact) -> str:
    digits = contact.phone_number.strip()
    return digits if digits.startswith("+") else f"+{digits}"


def _described(message: Message, files: tuple[Wanted, ...], language: str) -> list[str]:
    captioned = message.text is not None or message.caption is not None
    told = [] if captioned else [say(file.kind, language, name=file.name) for file in files]
    if message.sticker is not None:
        told.append(say("sticker", language, emoji=message.sticker.emoji).replace(" ]", "]").replace(" ］", "］"))
    if message.venue is not None:
        venue = message.venue
        told.append(say("venue", language, title=venue.title, address=venue.address, **_place(venue.location)))
    elif message.location is not None:
        told.append(say("location", language, **_place(message.location)))
    if message.contact is not None and not _is_own(message, message.contact):
        name = f"{message.contact.first_name} {message.contact.last_name}".strip()
        told.append(say("contact", language, name=name, phone=_phone(message.contact)))
    if message.poll is not None:
        told.append(say("poll", language, question=message.poll.question))
    return told


def _place(location: Location) -> dict[str, str]:
    return {"latitude": f"{location.latitude:.6f}", "longitude": f"{location.longitude:.6f}"}


def _forwarded(message: Message, language: str) -> str:
    name = message.forward_origin.name if message.forward_origin is not None else ""
    return say("forwarded", language, name=name or say("nobody", language))


def _brought(files: tuple[Wanted, ...]) -> str:
    """What came without a word: a voice is for people to hear, everything else to look at."""
    return "voice" if any(file.kind in VOICES for file in files) else "file"
