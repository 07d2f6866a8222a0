"""Policies: who may do what beside the owner, and foreign issuers whose users they name."""
