"""Alembic's environment. A revision is a file in `versions/`; several rooms add theirs, so there may be several heads."""
