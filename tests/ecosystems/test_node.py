"""What an install of Node packages asks for."""

from __future__ import annotations

import pytest

from service.context import BuildContext
from service.dockerfile import read
from service.image.effects import LanguageInstall
from service.image.interpret import interpret


def installs(command: str, *before: str) -> list[LanguageInstall]:
    context = BuildContext({"package.json": '{"dependencies": {"a": "1"}}'})
    image = interpret(read("\n".join(("FROM node:20", "WORKDIR /app", "COPY package.json .", *before, f"RUN {command}", ""))), context)
    acts = [act for part in image.chain(image.final) for layer in part.layers for act in layer.acts]
    return [act.install for act in acts if act.install is not None]


@pytest.mark.parametrize(
    ("command", "before", "production", "optional"),
    [
        ("npm ci", (), False, True),
        ("npm ci --omit=dev", (), True, True),
        ("npm ci --omit dev --omit=optional", (), True, False),
        ("npm ci --omit=optional", (), False, False),
        ("npm install --no-optional", (), False, False),
        ("npm install --only=production", (), True, True),
        ("npm install --include=dev", ("ENV NODE_ENV=production",), False, True),
        ("npm ci", ("ENV NODE_ENV=production",), True, True),
        ("npm ci", ("ENV NPM_CONFIG_OMIT=optional",), False, False),
        ("npm ci", ("ENV NPM_CONFIG_PRODUCTION=true",), True, True),
        ("yarn install --production=false", ("ENV NODE_ENV=production",), False, True),
        ("yarn install --production", (), True, True),
        ("yarn --ignore-optional", (), False, False),
        ("pnpm install --prod --no-optional", (), True, False),
    ],
)
def test_what_an_install_leaves_out(command: str, before: tuple[str, ...], production: bool, optional: bool) -> None:
    (found,) = installs(command, *before)
    assert (found.production, found.optional, found.packages) == (production, optional, ())
    assert found.target == "/app/node_modules"


def test_a_global_package_of_yarn_is_no_part_of_the_project() -> None:
    (found,) = installs("yarn global add serve@14 @angular/cli")
    assert found.packages == ("serve@14", "@angular/cli")
    assert found.manifests == ()
    assert found.target == "/usr/local/share/.config/yarn/global/node_modules"
    assert installs("yarn global remove serve") == []
