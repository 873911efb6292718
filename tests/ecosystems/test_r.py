"""What an R program installs: only programs that do nothing else are read."""

from __future__ import annotations

from time import perf_counter

import pytest

from service.ecosystems.r import packages_of
from service.ecosystems.rcode import installing


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        ("install.packages('shiny')", ("shiny",)),
        ('install.packages(c("shiny", "sf"), repos = "https://cran.example.org", Ncpus = parallel::detectCores())', ("shiny", "sf")),
        ("library(devtools); install_github('rstudio/shiny@v1.7', ref = 'x')", ("shiny",)),
        ("# it's\noptions(repos = c(CRAN = 'x'))\ninstall.packages('a') # and \"more", ("a",)),
        ("if (!require('remotes'))\n  install.packages('remotes')\nBiocManager::install('DESeq2')", ("remotes", "DESeq2")),
        ("source('https://bioconductor.org/biocLite.R'); biocLite('limma')", ("limma",)),
        ("install.packages('https://example.org/Archive/mvtnorm_1.0-8.tar.gz', repos = NULL)", ("mvtnorm",)),
        ("packages <- readLines('packages.txt'); install.packages(packages)", ("?",)),
        ("renv::restore()", ()),
    ],
)
def test_what_is_installed(text: str, packages: tuple[str, ...]) -> None:
    found = installing(text)
    assert found is not None and found.installs
    assert found.packages == packages


@pytest.mark.parametrize(
    "text",
    [
        "system('make')",
        "shiny::runApp('/app')",
        "source('more.R')",
        "sapply(packages, install.packages)",
        "do.call('install.packages', list('shiny'))",
        "f <- function(x) install.packages(x)",
        "install.packages('a', lib = Sys.getenv('WHERE'))",
        "install.packages('a', lib = '/one'); install.packages('b', lib = '/two')",
        "tinytex::install_tinytex()",
        "install('what')",
        "x <- 'does not end",
        "",
        "1 + 1",
    ],
)
def test_what_is_not_told(text: str) -> None:
    assert installing(text) is None


def test_looking_installs_nothing() -> None:
    found = installing("library(shiny); sessionInfo()")
    assert found is not None and not found.installs


def test_a_library_by_name() -> None:
    found = installing("install.packages('a', lib = '/opt/library')")
    assert found is not None and found.library == "/opt/library"


def test_long_texts_take_linear_time() -> None:
    started = perf_counter()
    installing("c(" * 40_000)
    installing("install.packages('a')\n" * 4_000)
    installing("install.packages(" * 5_000)
    assert installing("'" * 99_999) is None
    assert installing("x" * 200_000) is None
    assert perf_counter() - started < 10


def test_manifests() -> None:
    assert packages_of("DESCRIPTION", "Package: own\nDepends: R (>= 4.1), methods\nImports: sf (>= 1.0),\n    plumber\nSuggests: testthat\n") == (
        "methods",
        "sf",
        "plumber",
    )
    assert packages_of("renv.lock", '{"Packages": {"sf": {}, "magick": {}}}') == ("sf", "magick")
    assert packages_of("renv.lock", "[") is None
    assert packages_of("install.R", "install.packages('a')") == ("a",)
    assert packages_of("install.R", "system('a')") is None
