"""The declarations of the plugin's operations; what they do loads with the first call."""
