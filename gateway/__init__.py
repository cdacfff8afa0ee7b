"""The running service: wiring, and everything that people and neighbours touch."""
