"""Signing in, ways back, devices. Who somebody is in a group is not known here."""
