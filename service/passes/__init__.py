"""The passes, in the order they run."""

from __future__ import annotations

from service.passes.add_to_copy import add_to_copy
from service.passes.choose_runtime_base import choose_runtime_base
from service.passes.clean_package_lists import clean_package_lists
from service.passes.combine_runs import combine_runs
from service.passes.copy_with_owner import copy_with_owner
from service.passes.drop_privileges import drop_privileges
from service.passes.drop_unused_packages import drop_unused_packages
from service.passes.ignore_context import ignore_context
from service.passes.link_copies import link_copies
from service.passes.mount_caches import mount_caches
from service.passes.order_for_cache import order_for_cache
from service.passes.pin_digests import pin_digests
from service.passes.point_out import point_out
from service.passes.prune_development import prune_development
from service.passes.separate_manifests import separate_manifests
from service.passes.share_dependencies import share_dependencies
from service.passes.split_stages import split_stages
from service.passes.strip_artifacts import strip_artifacts
from service.passes.use_exec_form import use_exec_form
from service.refactoring.pipeline import Pass

PASSES: tuple[Pass, ...] = (
    Pass("add_to_copy", "Writes COPY where ADD only copies", "the keyword of ADD", add_to_copy),
    Pass(
        "combine_runs",
        "Joins a RUN with the one it belongs to: lists with the install, a clean-up with its cause",
        "RUNs that follow each other",
        combine_runs,
    ),
    Pass("order_for_cache", "Installs system packages before the sources are copied", "the place of a RUN", order_for_cache),
    Pass(
        "separate_manifests",
        "Copies dependency manifests first, so that a source edit does not install again",
        "COPY lines, the order of COPY and install",
        separate_manifests,
        rounds=3,
    ),
    Pass("split_stages", "Splits the file into a build and a runtime stage", "stages, the runtime base, where metadata stands", split_stages),
    Pass(
        "prune_development",
        "Removes development dependencies before they are copied",
        "one RUN at the end of the build stage",
        prune_development,
    ),
    Pass(
        "share_dependencies",
        "Prunes dependencies in a stage of their own, so that a source edit neither prunes nor copies them again",
        "two more stages, the COPY of the dependencies",
        share_dependencies,
    ),
    Pass("choose_runtime_base", "Ends an already multi-stage file on a slimmer base", "the last FROM", choose_runtime_base),
    Pass(
        "copy_with_owner",
        "Sets the owner and mode in the COPY instead of a RUN behind it",
        "--chown and --chmod of COPY, the RUN behind it",
        copy_with_owner,
        rounds=3,
        enables=("order_for_cache", "separate_manifests"),
    ),
    Pass("clean_package_lists", "Deletes package lists in the RUN that fetched them", "the end of a RUN", clean_package_lists),
    Pass(
        "drop_unused_packages", "Leaves out build tools that nothing in the image uses", "names in an install", drop_unused_packages, opt_in=True
    ),
    Pass("mount_caches", "Keeps package caches between builds and out of the image", "--mount flags of RUN", mount_caches),
    Pass(
        "strip_artifacts",
        "Leaves symbols and debug information out of compiled programs",
        "a link option, or a RUN strip",
        strip_artifacts,
        opt_in=True,
    ),
    Pass("drop_privileges", "Runs the program as a user that is not root", "USER, and a RUN that makes the user", drop_privileges, opt_in=True),
    Pass("use_exec_form", "Starts the program without a shell", "CMD and ENTRYPOINT", use_exec_form, opt_in=True),
    Pass("link_copies", "Copies with --link, so that a layer does not depend on those below it", "--link of COPY", link_copies, opt_in=True),
    Pass("pin_digests", "Pins base images to the digests that a registry gave for them", "FROM", pin_digests, opt_in=True),
    Pass("ignore_context", "Proposes a .dockerignore", "nothing: a remark only", ignore_context, opt_in=True, observes=True),
    Pass("point_out", "Points out what is worth a person's look", "nothing: remarks only", point_out, observes=True),
)

__all__ = ["PASSES", "Pass"]
