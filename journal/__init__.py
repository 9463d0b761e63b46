"""What happened: entries, their Merkle tree, and the log that holds them. Knows nothing of recordings."""
