"""Tests of what an account earned and at what risk."""
