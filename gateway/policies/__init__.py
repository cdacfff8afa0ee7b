"""Policies that come with the house, as TOML: `default`, and examples for Hong Kong and Taiwan. Read by gateway/policy.py."""
