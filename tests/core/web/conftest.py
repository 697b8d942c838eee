from tests.core.auth.conftest import county, demo, person, production, visit

__all__ = ["county", "demo", "person", "production", "visit"]
