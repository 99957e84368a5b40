"""Compiled parts of the search: numbers in, numbers out."""
