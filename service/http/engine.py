"""What answered: the engine and the date of the figures it carries."""

from __future__ import annotations

from service.version import DATA, VERSION

ENGINE = {"version": VERSION, "data": DATA}
