"""Machinery without domain words."""
