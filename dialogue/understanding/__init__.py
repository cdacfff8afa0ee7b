"""What a customer's words say: language, facts, emotion and signals. Pure and fast."""

from dialogue.understanding.found import Emotion, Found, Signal, Understanding

__all__ = ["Emotion", "Found", "Signal", "Understanding"]
