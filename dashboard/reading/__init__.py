"""The runs on disk, read without trusting them."""
