"""Credentials and addresses that plugins may ask for."""
