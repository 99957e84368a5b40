"""The commands of the candle store, one file each."""
