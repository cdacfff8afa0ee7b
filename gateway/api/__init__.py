"""The JSON API of the contract. `setup_api` in app.py puts it into an application."""
