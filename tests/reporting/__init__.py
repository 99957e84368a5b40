"""Tests of the report: table, verdict, files."""
