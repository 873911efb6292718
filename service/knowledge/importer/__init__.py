"""Making the bundled data from public indexes: `python -m service.knowledge.importer`. Nothing of it runs in the server."""
