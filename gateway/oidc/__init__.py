"""Agents sign in by the institution's own sign-in service (OpenID Connect, authorization code with PKCE).

rules.py      what an operator sets: who gets which role, whose passwords still count
provider.py   the service itself: what it says of itself, its keys, codes for tokens
words.py      ID tokens and logout tokens: which are believed
flow.py       what this browser has begun, in a sealed cookie
accounts.py   from what is believed to an account of ours
setting_up.py puts the service into an application, where settings name one

Not here: the pages and paths (gateway/console/sign_in.py), accounts and sessions (gateway/auth/, case_store/people.py).
"""
