# libidn2 has no CMake package on Debian. Defines the target idn2::idn2.
find_package(PkgConfig REQUIRED)
pkg_check_modules(idn2 IMPORTED_TARGET libidn2)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(idn2 REQUIRED_VARS idn2_LINK_LIBRARIES VERSION_VAR idn2_VERSION)
if(idn2_FOUND AND NOT TARGET idn2::idn2)
  add_library(idn2::idn2 ALIAS PkgConfig::idn2)
endif()
