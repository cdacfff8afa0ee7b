"""Telephone calls, as transcripts: files of many recognisers, or utterances one after another while the call goes on.

call.py        what a call is once it has been read
formats/       from the bytes of a transcript to a call, one file a format; which format it is; what is broken and where

Not here: who the customer is and what becomes of the call (gateway).
"""
