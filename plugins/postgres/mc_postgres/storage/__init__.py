"""What is on the disk: sizes, bloat, vacuum, wraparound, sequences, and work in progress."""
