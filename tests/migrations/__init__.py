"""Migrations with rows to carry. `fixtures/` holds one world for each schema that was ever released."""
