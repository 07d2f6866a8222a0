"""Results as files: any number of rows, streamed from the server to the disk of whoever asked."""
