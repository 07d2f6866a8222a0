"""What the host knows of the world: items, where they come from, and which of them a selector means."""
