# libsodium has no CMake package on Debian. Defines the target sodium::sodium.
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium IMPORTED_TARGET libsodium)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(sodium REQUIRED_VARS sodium_LINK_LIBRARIES VERSION_VAR sodium_VERSION)
if(sodium_FOUND AND NOT TARGET sodium::sodium)
  add_library(sodium::sodium ALIAS PkgConfig::sodium)
endif()
