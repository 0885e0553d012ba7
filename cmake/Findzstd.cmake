# zstd has no CMake package on Debian 12. Defines the target zstd::zstd.
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd IMPORTED_TARGET libzstd)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(zstd REQUIRED_VARS zstd_LINK_LIBRARIES VERSION_VAR zstd_VERSION)
if(zstd_FOUND AND NOT TARGET zstd::zstd)
  add_library(zstd::zstd ALIAS PkgConfig::zstd)
endif()
