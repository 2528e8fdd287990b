"""What `make` calls. Standard library only: these run before anything is installed."""
