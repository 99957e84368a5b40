"""The slow reference simulator: docs/execution.md in plain Python, written for obviousness and imported by nothing in the product."""
