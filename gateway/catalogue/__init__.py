"""What the house writes on its own account, one file for each language. Read by gateway/texts.py."""
