"""Tests of optimization.executors."""
