"""Jobs: the queue, who runs it, and what may be asked for."""
