"""How fast Gridwalk is, measured against the ceiling of its own database and against its peers: `make bench`."""
