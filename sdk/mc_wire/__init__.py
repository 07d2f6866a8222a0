"""What both ends of the plugin wire share: no files, no environment, no policy."""
