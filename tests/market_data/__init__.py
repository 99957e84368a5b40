"""Tests of loading, gaps, quality and resampling."""
