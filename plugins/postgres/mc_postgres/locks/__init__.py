"""Who waits for whom: rows of the lock table, the graph that they make, and the tree that a person can read."""
