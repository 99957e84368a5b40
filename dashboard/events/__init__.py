"""What happens on disk while pages look on: one thread that watches, and the streams that tell."""
