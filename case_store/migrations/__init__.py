"""How the schema came about: one file a revision, run in order by Alembic (see case_store/schema.py)."""
