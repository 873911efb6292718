"""CUDA: nvcc. What it links runs on the runtime image, which has the toolkit's shared libraries (hub.docker.com/r/nvidia/cuda, Overview)."""

from __future__ import annotations

from service.ecosystems.model import Arguments, Ecosystem, Invocation, Step
from service.ecosystems.rules import here, option
from service.image.effects import Phase

_NVCC = "docs.nvidia.com/cuda/cuda-compiler-driver-nvcc"
_PARTS = ("-c", "--compile", "-ptx", "--ptx", "-cubin", "--cubin", "-fatbin", "--fatbin", "-dc", "--device-c", "-lib", "--lib")


def _compiled(invocation: Invocation, arguments: Arguments) -> tuple[str, ...] | None:
    """`-o FILE`; objects and device code are named like their sources in the working directory, a program a.out."""
    unnamed = here(".") if arguments.has(*_PARTS) else here("a.out")
    return option("-o", "--output-file", otherwise=unnamed)(invocation, arguments)


ECOSYSTEM = Ecosystem(
    name="cuda",
    summary="CUDA programs: nvcc",
    images=("nvidia/cuda", "nvcr.io/nvidia/cuda"),
    sources=("*.cu", "*.cuh", "*.c", "*.cc", "*.cpp", "*.h", "*.hpp", "CMakeLists.txt", "Makefile"),
    compiled=True,
    build_env=("CUDACXX", "NVCC_*", "TORCH_CUDA_ARCH_LIST", "CUDAARCHS"),
    development=("nvcc", "cuda-gdb", "compute-sanitizer", "nsys", "ncu", "nvprof"),
    steps=(
        Step(
            "nvcc",
            Phase.BUILD,
            _compiled,
            tree=False,
            valued=frozenset({"-o", "--output-file", "-I", "-L", "-l", "-D", "-arch", "--gpu-architecture", "-code", "-gencode", "-std"})
            | {"-Xcompiler", "-Xlinker", "-Xptxas", "-ccbin", "-x", "-t", "-include", "-odir", "-maxrregcount"},
            source=_NVCC,
        ),
        Step("nvcc --version|-V|--help", Phase.CHECK, source=_NVCC),
        Step("nvidia-smi|ptxas|cuobjdump|nvdisasm", Phase.CHECK, source="docs.nvidia.com/cuda/cuda-binary-utilities"),
    ),
)
