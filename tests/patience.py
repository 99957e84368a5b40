"""How long tests wait for what must come. No test waits for these times to pass: they only say when something hangs."""

# Something within a process or on a socket, on a machine that does much else and now and then nothing at all.
PATIENCE_SECONDS = 300.0
# A whole program, which may have to compile every kernel first: less than a test may take (pyproject.toml), which says less when it ends.
PROGRAM_SECONDS = 1100.0
