"""The few things that the dashboard changes: tags of runs, kept beside them, and whole runs that are deleted."""
