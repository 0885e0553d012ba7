# utf8proc has no CMake package on Debian, and its pkg-config file does not tell its version. Defines
# the target utf8proc::utf8proc, and utf8proc_UNICODE_VERSION: what the library says of itself.
find_package(PkgConfig REQUIRED)
pkg_check_modules(utf8proc IMPORTED_TARGET libutf8proc)
if(utf8proc_FOUND AND NOT DEFINED utf8proc_UNICODE_VERSION)
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/utf8proc_unicode_version.cc
    "#include <cstdio>\n#include <utf8proc.h>\n"
    "int main() { std::fputs(utf8proc_unicode_version(), stdout); }\n")
  # A cross compiler cannot run it: then the cache variables of try_run must be given.
  try_run(utf8proc_RUN utf8proc_COMPILED ${CMAKE_BINARY_DIR}
    ${CMAKE_BINARY_DIR}/CMakeFiles/utf8proc_unicode_version.cc
    LINK_LIBRARIES PkgConfig::utf8proc RUN_OUTPUT_VARIABLE utf8proc_found_version)
  if(utf8proc_COMPILED AND utf8proc_RUN EQUAL 0)
    set(utf8proc_UNICODE_VERSION ${utf8proc_found_version}
      CACHE STRING "Version of Unicode that utf8proc knows")
  endif()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(utf8proc
  REQUIRED_VARS utf8proc_LINK_LIBRARIES utf8proc_UNICODE_VERSION)
if(utf8proc_FOUND AND NOT TARGET utf8proc::utf8proc)
  add_library(utf8proc::utf8proc ALIAS PkgConfig::utf8proc)
endif()
