"""Query plans: asked for, pasted, read into a tree with self times, and judged."""
