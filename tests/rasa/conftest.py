"""Rasa, the model and a running server, for whoever tests against the real thing."""

from __future__ import annotations

from tests.rasa.fixtures import model, rasa, rasa_server

__all__ = ["model", "rasa", "rasa_server"]
