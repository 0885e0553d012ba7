"""What an application's authors get: installs the build into a folder, and builds small programs that find it,
by CMake and by pkg-config, or take the checkout in.

Usage: test_package.py BUILD_FOLDER CMAKE CXX LIBRARIES      (LIBRARIES: static, shared or both)
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "docs"))

import blocks  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONSUMER = ROOT / "tests" / "package" / "consumer"
BUILD = pathlib.Path(sys.argv[1]).resolve()
CMAKE, CXX, LIBRARIES = sys.argv[2:5]
KINDS = ("static", "shared") if LIBRARIES == "both" else (LIBRARIES,)
FOLDER = BUILD / "tests" / "package"
PREFIX = FOLDER / "prefix"
COMPONENTS = ("core", "resolve", "batch")
EXTERNAL_ID = "m32pnb88e0wgd7hc26m7ph6zyfqm3092"


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=280, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def configure(source, build, *options):
    shutil.rmtree(build, ignore_errors=True)
    return run(CMAKE, "-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_CXX_COMPILER={CXX}", *options)


def installed_files():
    return {str(path.relative_to(PREFIX)) for path in PREFIX.rglob("*") if not path.is_dir()}


def setUpModule():
    shutil.rmtree(PREFIX, ignore_errors=True)
    run(CMAKE, "--install", BUILD, "--prefix", PREFIX)
    # What was installed is what is used: the folder can be anywhere.
    moved = FOLDER / "moved prefix"
    shutil.rmtree(moved, ignore_errors=True)
    PREFIX.rename(moved)
    globals()["PREFIX"] = moved


class Installed(unittest.TestCase):
    def library_folder(self):
        return next(PREFIX.rglob("pkgconfig")).parent

    def test_headers_are_those_of_include_moniker_and_no_others(self):
        headers = {name for name in installed_files() if name.startswith("include/")}
        self.assertEqual(headers, {str(path.relative_to(ROOT)) for path in ROOT.glob("include/moniker/*.h")})
        self.assertGreater(len(headers), 20)

    def test_there_is_one_library_for_each_component_and_none_of_a_module(self):
        names = {path.name for path in self.library_folder().glob("lib*")}
        wanted = set()
        for component in COMPONENTS:
            if "static" in KINDS:
                wanted.add(f"libmonikerxx_{component}.a")
            if "shared" in KINDS:
                wanted |= {f"libmonikerxx_{component}.so{end}" for end in ("", ".0.1", ".0.1.0")}
        self.assertEqual({name for name in names if name.startswith("libmonikerxx")}, wanted)
        for_c = {f"{name}.so{end}" for name in ("libmoniker", "libmoniker_resolve") for end in ("", ".0", ".0.1.0")}
        self.assertEqual(names - wanted, for_c)

    def test_only_components_become_targets(self):
        targets = set()
        for path in PREFIX.rglob("moniker-*.cmake"):
            targets |= set(re.findall(r"^add_library\((\S+) ", path.read_text(), re.M))
        self.assertEqual(targets, {f"moniker::{name}" for name in (*COMPONENTS, "c", "c_resolve")})

    def test_nothing_installed_names_the_folders_of_the_build(self):
        for path in [*PREFIX.rglob("*.cmake"), *PREFIX.rglob("*.pc")]:
            with self.subTest(file=path.name):
                text = path.read_text()
                self.assertNotIn(str(BUILD), text)
                self.assertNotIn(str(ROOT / "lib"), text)

    def check_programs(self, folder, library_path=None):
        environment = dict(os.environ)
        if library_path:
            environment["LD_LIBRARY_PATH"] = str(library_path)
        vault = folder / "clinic.vault"
        shutil.rmtree(vault, ignore_errors=True)
        run(BUILD / "tools" / "moniker", "init", vault, "--app", "clinic-7", "--key-file", folder / "clinic.key",
            "--import-root", ROOT / "tests" / "data" / "root.hex")
        self.assertEqual(run(folder / "admit", vault, env=environment), EXTERNAL_ID + "\n")
        self.assertEqual(run(folder / "resolve", vault, EXTERNAL_ID, env=environment), "Maria Jensen\n")
        self.assertEqual(run(folder / "columns", input="a,b c\n1,2\n", env=environment), "a\nb c\n")

    def test_programs_that_find_it_by_cmake_work(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                build = FOLDER / f"found-{kind}"
                configure(CONSUMER, build, "-DMONIKER_FROM=installed", f"-DCMAKE_PREFIX_PATH={PREFIX}",
                          f"-DMONIKER_LIBRARIES={kind}")
                run(CMAKE, "--build", build)
                self.check_programs(build)
                needed = run("readelf", "-d", build / "admit")
                self.assertEqual("libmonikerxx_core.so.0.1" in needed, kind == "shared")

    def test_programs_that_find_it_by_pkg_config_work(self):
        libraries = self.library_folder()
        environment = dict(os.environ, PKG_CONFIG_PATH=str(libraries / "pkgconfig"))
        for kind in KINDS:
            build = FOLDER / f"pkg-config-{kind}"
            shutil.rmtree(build, ignore_errors=True)
            build.mkdir(parents=True)
            for program, component in (("admit", "core"), ("resolve", "resolve"), ("columns", "batch")):
                with self.subTest(kind=kind, program=program):
                    static = ["--static"] if kind == "static" else []
                    flags = run("sh", "-c", f"pkg-config --cflags --libs {' '.join(static)} moniker-{component}",
                                env=environment).strip()
                    if kind == "static":  # the name without .so beside it
                        flags = re.sub(r"-l(monikerxx_\w+)", r"-l:lib\1.a", flags)
                    run("sh", "-c", f"'{CXX}' -std=c++20 '{CONSUMER}/{program}.cc' {flags} -o '{build}/{program}'")
            self.check_programs(build, libraries if kind == "shared" else None)

    def test_a_program_in_c_finds_it_without_any_cxx(self):
        version = re.search(r'MONIKER_VERSION "(.*)"', (ROOT / "include/moniker/version.h").read_text())[1]
        source = ROOT / "tests" / "package" / "c_consumer"
        build = FOLDER / "c"
        shutil.rmtree(build, ignore_errors=True)
        run(CMAKE, "-G", "Ninja", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={PREFIX}")
        run(CMAKE, "--build", build)
        self.assertEqual(run(build / "versions"), version + "\n")
        libraries = self.library_folder()
        environment = dict(os.environ, PKG_CONFIG_PATH=str(libraries / "pkgconfig"))
        flags = run("pkg-config", "--cflags", "--libs", "moniker-c", env=environment).strip()
        run("sh", "-c", f"cc '{source}/versions.c' {flags} -o '{build}/by-pkg-config'")
        environment["LD_LIBRARY_PATH"] = str(libraries)
        self.assertEqual(run(build / "by-pkg-config", env=environment), version + "\n")

    def test_another_minor_version_or_an_unknown_component_is_refused(self):
        for request, good in (("0.1", True), ("0.1.0", True), ("0.0", False), ("0.2", False), ("1.0", False),
                              ("0.1 REQUIRED COMPONENTS core", True), ("0.1 COMPONENTS gate", False),
                              ("0.1 COMPONENTS core OPTIONAL_COMPONENTS gate", True)):
            with self.subTest(request=request):
                source = FOLDER / "request"
                source.mkdir(parents=True, exist_ok=True)
                (source / "CMakeLists.txt").write_text(
                    "cmake_minimum_required(VERSION 3.23)\nproject(request LANGUAGES CXX)\n"
                    f"find_package(moniker {request} QUIET)\nmessage(STATUS \"found: ${{moniker_FOUND}}\")\n")
                said = run(CMAKE, "-G", "Ninja", "-S", source, "-B", source / "build",
                           f"-DCMAKE_PREFIX_PATH={PREFIX}", "-DCMAKE_CXX_COMPILER=" + CXX)
                self.assertRegex(said, r"found: (TRUE|1)\n" if good else r"found: (FALSE|0)\n")


class Shown(unittest.TestCase):
    """What the documentation shows of CMake and pkg-config."""

    def project(self, number):
        """A folder with the application that the pages speak of, and a checkout at the places that they name."""
        folder = FOLDER / "shown" / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "application" / "third_party").mkdir(parents=True)
        for place in ("moniker", "application/moniker", "application/third_party/moniker"):
            (folder / place).symlink_to(ROOT)
        shutil.copy(ROOT / "docs/examples/ten_lines.cc", folder / "application" / "frontdesk.cc")
        shutil.copy(CONSUMER / "resolve.cc", folder / "application" / "records.cc")
        return folder / "application"

    def test_every_block_of_cmake_can_be_configured_and_what_finds_it_builds(self):
        shown = [code for page in blocks.pages() for code in blocks.of_kind(page, "cmake")]
        self.assertGreaterEqual(len(shown), 4)
        built = 0
        for number, code in enumerate(shown):
            with self.subTest(code=code):
                source = self.project(number)
                programs = "".join(f"add_executable({name} {name}.cc)\n" for name in ("frontdesk", "records")
                                   if f"({name} " in code)
                (source / "CMakeLists.txt").write_text(
                    f"cmake_minimum_required(VERSION 3.23)\nproject(application LANGUAGES CXX)\n{programs}{code}")
                configure(source, source / "build", f"-DCMAKE_PREFIX_PATH={PREFIX}", f"-DMONIKER_LIBRARIES={KINDS[0]}")
                if code.startswith("find_package("):
                    run(CMAKE, "--build", source / "build")
                    built += 1
        self.assertEqual(built, 1)

    def test_every_script_for_what_is_installed_succeeds(self):
        scripts = [code for page in blocks.pages() for code in blocks.of_kind(page, "sh installed")]
        self.assertEqual(len(scripts), 2)
        source = self.project("installed")
        for example in (ROOT / "docs/examples").iterdir():
            if example.is_file():
                shutil.copy(example, source)
        run(BUILD / "tools" / "moniker", "init", source / "clinic.vault", "--quiet", "--app", "clinic-7", "--key-file",
            source / "clinic.key", "--import-root", ROOT / "tests" / "data" / "root.hex")
        prefix = source / "prefix"  # by a name without blanks, since the line has no quotes
        prefix.symlink_to(PREFIX)
        libraries = prefix / next(PREFIX.rglob("pkgconfig")).relative_to(PREFIX)
        environment = dict(os.environ, PKG_CONFIG_PATH=str(libraries), LD_LIBRARY_PATH=str(libraries.parent))
        printed = []
        for script in scripts:
            if "shared" not in KINDS:  # as the page says
                script = script.replace("moniker-core", "moniker-core --static")
            printed += run("sh", "-ec", script, cwd=source, env=environment).splitlines()
        self.assertEqual(printed, ["Patient RCG-V3F " + EXTERNAL_ID, "00123456 Maria Jensen", EXTERNAL_ID])
        self.assertTrue((source / "frontdesk").exists())


class TakenIn(unittest.TestCase):
    """add_subdirectory and FetchContent. That the project's flags stay is checked by the consumer itself."""

    def test_only_what_is_linked_is_there_and_nothing_of_it_is_installed(self):
        for way in ("subdirectory", "fetched"):
            with self.subTest(way=way):
                build = FOLDER / way
                configure(CONSUMER, build, f"-DMONIKER_FROM={way}", f"-DMONIKER_CHECKOUT={ROOT}")
                targets = run("ninja", "-C", build, "-t", "targets", "all")
                outputs = set(re.findall(r"^([^ :]+): (?:CXX|C)_\w+LINKER", targets, re.M))
                programs = {pathlib.Path(name).name for name in outputs if not re.search(r"\.(a|so)", name)}
                self.assertEqual(programs, {"admit", "resolve", "columns"})
                self.assertNotIn("idn2", run("ninja", "-C", build, "-t", "commands", "admit"))
                prefix = build / "prefix"
                # Installing looks at no file of it, so it works before anything is built.
                run(CMAKE, "--install", build, "--prefix", prefix)
                self.assertEqual([path for path in prefix.rglob("*") if path.is_file()], [])
                self.assertEqual(self.foreign_options(build), [])

    def foreign_options(self, build):
        """Options that somebody who configures the project is shown, beyond moniker's own and those of packages."""
        cache = (build / "CMakeCache.txt").read_text()
        shown = re.findall(r"^([A-Za-z][\w-]*):(?:BOOL|STRING)=", cache, re.M)
        return [name for name in shown
                if not name.startswith(("CMAKE_", "MONIKER_", "FETCHCONTENT_")) and name != "utf8proc_UNICODE_VERSION"
                and not re.match(r"(pkgcfg_lib|sodium|utf8proc|zstd|idn2|hwy|ZLIB|SQLite|PKG_CONFIG)", name)]


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
