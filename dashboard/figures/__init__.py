"""Plotly figures as plain dictionaries, one chart a file. Colours are named by role (``@long``); the page's stylesheet gives them a value."""
