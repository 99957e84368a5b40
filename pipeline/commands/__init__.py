"""One file per command: each reads its options, calls the pipeline and shows what came of it."""
