"""Webhooks: the rest of the house is told what happened, signed, in order, tried again, and sent again when somebody asks.

addresses.py   where a webhook may go, and where none ever goes
names.py       what events and secrets are called outside
events.py      a happening as a CloudEvent, and its signature
sending.py     one try
posting.py     the loop that posts what is due, and how long it is tried

Not here: what happened and who wants it (case_store/happenings.py, webhooks.py, postings.py), the API (gateway/api/webhooks.py).
"""
