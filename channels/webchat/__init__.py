"""The web chat: JSON frames over a WebSocket (CONTRACT: web chat frames)."""
