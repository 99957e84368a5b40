"""Who may ask the dashboard, how, and for what; nothing a request holds may lead elsewhere, hold it up, or become code."""
