"""A real package: some libraries install a top-level "tests" of their own, which would win over a bare folder."""
