"""The engine's version: what packaging, the command line and every answer name."""

VERSION = "0.1.0"
