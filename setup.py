"""Compiles the modules that every request passes through; see `[tool.gatewright]` in pyproject.toml.

Without a C compiler, or with GATEWRIGHT_PURE=1, nothing is compiled and the same modules run as Python.
"""

import os
import sys
import tomllib
from pathlib import Path

from setuptools import Extension, setup

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))


def extensions() -> list[Extension]:
    from Cython.Build import cythonize

    from building.declarations import declarations

    names = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["gatewright"]["compiled"]
    declared = ROOT / "build" / "declarations"
    for name, text in declarations(ROOT, names).items():
        path = declared.joinpath(*name.split(".")).with_suffix(".pxd")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return cythonize(
        [
            Extension(name, [name.replace(".", "/") + ".py"], extra_compile_args=["-g0"], optional=True)
            for name in names
        ],
        build_dir="build/compiled",
        include_path=[str(declared)],
        nthreads=os.cpu_count() or 1,
        language_level=3,
        # Annotations are hints for readers, not checks; None has no attributes, as in Python, instead of crashing.
        compiler_directives={"annotation_typing": False, "nonecheck": True},
    )


setup(
    ext_modules=[] if os.environ.get("GATEWRIGHT_PURE") else extensions(),
    options={"build_ext": {"parallel": True}},
)
