"""The engine's version and the date of the figures it carries."""

VERSION = "0.1.0"
DATA = "2026-11-24"
