"""The dashboard: reads what runs left behind and shows it on the loopback interface; it computes nothing heavy and writes nothing."""
