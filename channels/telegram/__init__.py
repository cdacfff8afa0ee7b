"""Telegram: a bot that customers write to in private chats, by long polling or webhook.

    api.py       the Bot API: python-telegram-bot's Bot over a transport of ours, what failed and whether it may have happened
    poll.py      long polling under a duty: the offset moves on only when what came is committed
    webhook.py   the route that Telegram calls instead
    files.py     which files a message has, and fetching them
    content.py   what a message says, and what it holds that has no words
    read.py      an update's JSON into events
    send.py      texts, buttons and files out, paced
    split.py     long texts cut at their paragraphs
    words.py     the channel's own few words, in the customer's language

Only private chats are conversations. What comes from groups and channels is kept as an event and never answered.
"""
