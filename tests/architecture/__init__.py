"""Reads the product's sources and says where they break its rules. Works on any folder, so that it can be tested on planted ones."""
