"""Telephone calls: from what was said to a filed case, and back to the customer.

taking.py       transcripts and live utterances into a conversation, one transaction each
speakers.py     who is the customer, worked out or asked
consent.py      whether the recording may be kept, and what becomes of it when it may not
reading.py      facts and judgement from the customer's words; filing when the call has ended
callbacks.py    what is missing as a call-back task: whom to call and when, what to ask; and what came of it
handing_in.py   a transcript handed in whole, from its bytes to its reference number

Not here: the formats of transcripts (channels/phone), HTTP (api/), the console.
"""
