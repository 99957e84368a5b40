"""The hub that watches files, and its streams."""
