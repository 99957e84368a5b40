"""Stand-ins for what a test must not touch: clocks, and venues that speak their real protocols on the loopback interface."""
