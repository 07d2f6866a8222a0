"""What is wrong right now: conditions with thresholds, ranked, each with evidence and where to look."""
