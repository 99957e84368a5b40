"""The test suite; a package, so that its helpers import as ``tests.oracle`` and a foreign package of that name cannot come first."""
