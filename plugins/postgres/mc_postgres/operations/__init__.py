"""The plugin's operations, one module per family."""
