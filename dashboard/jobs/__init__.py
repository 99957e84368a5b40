"""Jobs: commands that a page or a script asked for. They run in processes of their own, which outlive the page and the server."""
