"""Who may do what: passwords, sessions, API keys, roles and scopes."""
