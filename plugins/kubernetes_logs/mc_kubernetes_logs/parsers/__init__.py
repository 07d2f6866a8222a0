"""Post-processing of lines for `tail`: parsers, matching, windows."""
