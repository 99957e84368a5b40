"""Golden runs: what the engine made of real candles when it was last looked at."""
