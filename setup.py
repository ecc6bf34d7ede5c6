"""Compiles the modules that every request passes through; see `[tool.gatewright]` in pyproject.toml.

Without a C compiler, or with GATEWRIGHT_PURE=1, nothing is compiled and the same modules run as Python.
"""

import os
import sys
import tomllib
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
GIVEN = Path("build", "compiled")
"""What Cython is given, and where it leaves what the C compiler is given."""
sys.path.insert(0, str(ROOT))


def modules() -> list[Extension]:
    names = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["gatewright"]["compiled"]
    return [
        Extension(name, [str(GIVEN.joinpath(*name.split(".")).with_suffix(".py"))], extra_compile_args=["-g0"])
        for name in names
    ]


class BuildModules(build_ext):
    """Gives Cython the modules with the types that their own text tells."""

    def run(self) -> None:
        from Cython.Build import cythonize

        from building.declarations import prepared

        for name, module in prepared(ROOT, [extension.name for extension in self.extensions]).items():
            path = ROOT / GIVEN.joinpath(*name.split("."))
            _write(path.with_suffix(".py"), module.source)
            _write(path.with_suffix(".pxd"), module.declarations)
        made = cythonize(
            [Extension(extension.name, extension.sources) for extension in self.extensions],
            include_path=[str(GIVEN)],
            nthreads=os.cpu_count() or 1,
            language_level=3,
            compiler_directives={"nonecheck": True},  # None has no attributes, as in Python; without it, it crashes
        )
        for extension, translated in zip(self.extensions, made, strict=True):
            extension.sources, extension.optional = translated.sources, True
        self._forget_others()
        self.parallel = True  # as many at once as there are cores
        super().run()

    def _forget_others(self) -> None:
        """Remove what an earlier list of modules left behind: it would be loaded, and packed, too."""
        place = ROOT if self.inplace else Path(self.build_lib)
        wanted = {place / self.get_ext_filename(extension.name) for extension in self.extensions}
        for file in {*place.glob("gateway/**/*.so")} - wanted:
            file.unlink()


def _write(path: Path, text: str) -> None:
    """Write a file unless it is as it should be: what did not change is not translated again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


setup(
    ext_modules=[] if os.environ.get("GATEWRIGHT_PURE") else modules(),
    cmdclass={"build_ext": BuildModules},
)
