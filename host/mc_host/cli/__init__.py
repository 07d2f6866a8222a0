"""The `mission-control` command; nothing heavy is imported before a command runs."""
