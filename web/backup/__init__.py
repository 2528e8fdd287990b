"""One file that holds an instance, made while it runs, and an instance made from it: docs/decisions/0090-backup.md."""
