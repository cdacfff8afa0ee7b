"""Methods of the Bot API as far as we call them: their parameters, with types, and which are required."""

from __future__ import annotations

INTEGER, BOOLEAN, TEXT, CHAT, LIST, OBJECT, FILE = "integer", "boolean", "text", "chat", "list", "object", "file"

# parameter: its type, with ! where it is required
METHODS: dict[str, dict[str, str]] = {
    "getMe": {},
    "getUpdates": {"offset": INTEGER, "limit": INTEGER, "timeout": INTEGER, "allowed_updates": LIST},
    "setWebhook": {
        "url": TEXT + "!",
        "secret_token": TEXT,
        "allowed_updates": LIST,
        "max_connections": INTEGER,
        "drop_pending_updates": BOOLEAN,
        "ip_address": TEXT,
        "certificate": FILE,
    },
    "deleteWebhook": {"drop_pending_updates": BOOLEAN},
    "getWebhookInfo": {},
    "sendMessage": {
        "chat_id": CHAT + "!",
        "text": TEXT + "!",
        "reply_markup": OBJECT,
        "link_preview_options": OBJECT,
        "parse_mode": TEXT,
        "entities": LIST,
        "disable_notification": BOOLEAN,
        "protect_content": BOOLEAN,
        "reply_parameters": OBJECT,
    },
    "sendDocument": {"chat_id": CHAT + "!", "document": FILE + "!", "caption": TEXT},
    "sendChatAction": {"chat_id": CHAT + "!", "action": TEXT + "!"},
    "answerCallbackQuery": {"callback_query_id": TEXT + "!", "text": TEXT, "show_alert": BOOLEAN},
    "editMessageReplyMarkup": {"chat_id": CHAT, "message_id": INTEGER, "reply_markup": OBJECT},
    "getFile": {"file_id": TEXT + "!"},
}
ACTIONS = ("typing", "upload_photo", "record_video", "upload_document", "choose_sticker", "find_location")
UNASKED = ("chat_member", "message_reaction", "message_reaction_count")
"""Kinds that come only where allowed_updates names them."""
