"""The verdict judged: how often it passes series without any structure, and how often ones whose edge is known."""
