"""Prefect flows: they orchestrate operations and hold no logic and no text. See docs/operations.md."""
