"""What a customer's words say: language, facts, emotion, and the certain signals. Pure and fast; no classifier decides alone."""

from dialogue.understanding.found import Emotion, Found, Signal, Understanding

__all__ = ["Emotion", "Found", "Signal", "Understanding"]
