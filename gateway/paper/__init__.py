"""What is printed: receipts, letters and the written record of a case, as PDF in the customer's or the agent's language.

sheet.py      a page: fonts, lines, rows, signatures; knows nothing of complaints
breaking.py   where lines may break, Chinese and English mixed
words.py      the words (catalogue/paper.*.yaml), dates, sums and spans of time
receipt.py    the receipt that a complainant takes home
letter.py     a letter by which a person tells the customer something
record.py     the whole case (handbook 7.1.2), with steps.py for what happened to it

The fonts in fonts/ are shipped unchanged beside their licenses, since a machine with nothing but Python has none. Each document
holds only the characters it uses.
"""
