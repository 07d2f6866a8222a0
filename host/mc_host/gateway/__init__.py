"""The host's HTTP side: API, plugin pages, the web shell."""
