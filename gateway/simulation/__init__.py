"""Invented customers who talk to a running house over its real channels, and what the house did wrong by them.

sheet.py days.py      who the customers are: YAML files, written by people who need not know the software
reading.py            what a person takes a message of the house to ask; knows nothing of the script
customer.py           what a customer says next
webchat.py mail.py telegram.py webform.py   the customer's end of each channel
house.py              the house as an auditor sees it: is it marked for practice, what is on record
conversation.py       one customer from the first word to the end, bounded in turns and time
scoring.py tongue.py  what went wrong; in which language and script a sentence is
report.py run.py      all customers, and the table

Nothing here imports the dialogue: who judges it must not share its word lists.
"""
