"""Migrations, one file a step. Written by hand or drawn by Alembic, then read; never changed once released."""
