"""Faults: real processes killed, stopped, starved and fed nonsense, and what people still find afterwards."""
