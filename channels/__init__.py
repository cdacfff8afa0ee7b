"""How messages arrive and leave: one folder a channel. Imports no other wing.

A channel never sees the web server, the store or the dialogue: it is handed `accept` and hands back routes.
"""
