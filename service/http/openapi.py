"""`python -m service.http.openapi` prints the description of the routes: the file that is committed as openapi.yaml.

Nothing imports this module: Python would warn of one that is run and was there before.
"""

from __future__ import annotations

import sys

from service.http import create_app

if __name__ == "__main__":
    sys.stdout.write(create_app().config["RESTAGE_DESCRIPTION"].text())
