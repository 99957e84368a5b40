"""Tests of the statistics behind the verdict."""
