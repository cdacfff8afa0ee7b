"""A letter by which a person tells the customer something: letterhead, the address where an envelope's window shows it, the words.

Not here: what is told and when (notifications.py), recording that it was posted (telling.py).
"""

from __future__ import annotations

from case_store.recipients import Recipient
from gateway import texts
from gateway.paper.receipt import Printing
from gateway.texts import Text


def letter(body: str, to: Recipient, printing: Printing) -> bytes:
    """The words of a task on paper, in the customer's language, as PDF."""
    words, house = printing.words, printing.house
    name = house.name[printing.language]
    sheet = printing.sheet(to.reference or name, to.reference or "")
    address = [line for line in (to.name, *(to.postal_address or "").splitlines()) if line]
    sheet.window(name, "\n".join(address))
    sheet.row(words("letter.date"), words.day(printing.at.astimezone(printing.zone).date()))
    if to.reference:
        sheet.row(words("letter.reference"), to.reference)
    sheet.gap(6)
    written = texts.as_letter(Text("", body), printing.language, house=name, name=to.name)
    sheet.paragraph(written.body)
    if house.hotline:
        sheet.gap(2)
        sheet.note(words("letter.hotline", hotline=house.hotline))
    sheet.signatures([words("letter.sign")])
    return printing.finished(sheet)
