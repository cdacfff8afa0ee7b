"""Invented conversations and cases, so that a new console has something to show. The stories are YAML files beside this."""
