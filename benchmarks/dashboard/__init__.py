"""What the dashboard costs on a run of the largest size: to look at, and while a search is at work beside it."""
