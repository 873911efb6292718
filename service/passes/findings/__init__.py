"""The findings: observations that are no edits, the most valuable first."""

from __future__ import annotations

from service.passes.findings.bases import ended_base, floating_base
from service.passes.findings.model import Finding, Found
from service.passes.findings.running import no_healthcheck, runs_as_root, shell_form
from service.passes.findings.runs import piped_installer, sudo, unchecked_download, unpinned_installs, upgraded_packages
from service.passes.findings.secrets import secrets

FINDINGS: tuple[Finding, ...] = (
    Finding("secret-in-image", "A secret is written into the image", 100, secrets, checks=("SecretsUsedInArgOrEnv",)),
    Finding("ended-base", "The base image gets no security fixes any more", 90, ended_base),
    Finding("floating-base", "The base image has no version", 80, floating_base, ("DL3006", "DL3007")),
    Finding("piped-installer", "A download is run without being looked at", 70, piped_installer, ("DL4006",)),
    Finding("unchecked-download", "A download is used without a checksum", 60, unchecked_download, ("DL3020",)),
    Finding("upgraded-packages", "The distribution is upgraded in the image", 50, upgraded_packages, ("DL3005",)),
    Finding("shell-form", "A shell starts the program", 45, shell_form, ("DL3025",), ("JSONArgsRecommended",)),
    Finding("runs-as-root", "The program runs as root", 40, runs_as_root, ("DL3002",)),
    Finding("unpinned-installs", "Packages are installed without a version", 30, unpinned_installs, ("DL3013", "DL3016", "DL3028")),
    Finding("sudo", "sudo is used in the build", 20, sudo, ("DL3004",)),
    Finding("no-healthcheck", "A port is exposed and nothing asks whether it answers", 10, no_healthcheck),
)

__all__ = ["FINDINGS", "Finding", "Found"]
