"""Mail: in by SMTP and from a mailbox by IMAP, read whole, out through a relay or into a folder.

receive.py     the SMTP server
imap.py imap_taking.py imap_session.py imap_memory.py imap_place.py    a mailbox by IMAP: who drives it, what is taken in
               which order, one connection, what is remembered, where it is and what can be wrong
identity.py    what makes a repeat
mailbox.py     the complaints address and its signed forms
mime.py headers.py charset.py html.py quotes.py kind.py reports.py read.py    from bytes to events
authenticity.py lookups.py spf.py signatures.py dmarc.py relays.py results.py    is it from whom it says
body.py inside.py sealed.py    what it holds, what lies inside that, what no key of ours opens
workers.py     reading in processes that can be killed
compose.py sign.py send.py    from an OutboundMessage to bytes, signed, and out
channel.py     all of it behind the four verbs

Not here: whether a signed token is genuine and whose conversation a mail joins (gateway), what is stored (case_store).
"""
