"""What is remembered: arrivals, conversations, cases, deliveries, files and the audit chains.

Imports no other wing. `records` is the vocabulary and knows no SQL.
"""
