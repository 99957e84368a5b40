"""Tests of the stages and the command line."""
