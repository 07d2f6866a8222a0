"""Where items, connections and plugins come from; one module per source."""
