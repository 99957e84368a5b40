"""Plotly figures as plain dictionaries, one chart a file. Colours are named by role (``@long``); the stylesheet has their values."""
