"""What a run shows for its strategy: the statistics of luck, fed from the ledgers of its own search."""
