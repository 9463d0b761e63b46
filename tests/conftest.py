"""Fixtures shared by every test: each lives beside what it starts, in ``tests/support``."""

pytest_plugins: list[str] = [
    "tests.support.cheap",
    "tests.support.databases",
    "tests.support.desk",
    "tests.support.registry",
    "tests.support.seaweed",
    "tests.support.smtp",
    "tests.support.houses",  # after those that it imports, so that they are rewritten first
]
