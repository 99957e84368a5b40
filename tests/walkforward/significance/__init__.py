"""Tests of the statistics: published numbers, laws, and independent implementations."""
