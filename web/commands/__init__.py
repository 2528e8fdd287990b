"""The commands of `gridwalk`, one file each; web/cli.py puts them together."""
