# Debian packages, by `cpack -G DEB` in the build folder: libmoniker0, libmoniker-dev and moniker, from
# what MonikerInstall.cmake and tools/CMakeLists.txt install. MONIKER_LIBRARIES must be both.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME moniker)
set(MONIKER_PACKAGE_MAINTAINER "The Moniker authors <moniker@localhost>" CACHE STRING
  "Who answers for the Debian packages: name <address>")
set(CPACK_PACKAGE_CONTACT "${MONIKER_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL runtime development program)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
# The interface in C++ may be another in the next version, so programs depend on the very one.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY =)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libmoniker0)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/debian/triggers)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "Pseudonyms for people in sessions of a platform (libraries)
 Gives a person an external ID, a display name and an avatar for a platform
 that carries calls, and keeps the way back encrypted on this machine.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmoniker-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libsodium-dev, libsqlite3-dev, libsqlitecpp-dev, \
libutf8proc-dev, libsimdjson-dev, zlib1g-dev, libzstd-dev")
if(MONIKER_WITH_HIGHWAY)
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libhwy-dev")
endif()
if(MONIKER_WITH_IDN2)
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libidn2-dev")
endif()
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS runtime)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Pseudonyms for people in sessions of a platform (development)
 Headers, static libraries, and what CMake and pkg-config need to find them.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME moniker)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "Pseudonyms for people in sessions of a platform (program)
 Makes vaults, admits and resolves people, and replaces identities in tables
 and exports, in both directions.")

# What every package of Debian has.
configure_file(${PROJECT_SOURCE_DIR}/cmake/debian/changelog.in
  ${PROJECT_BINARY_DIR}/install/changelog.Debian @ONLY)
execute_process(COMMAND gzip -9nkf ${PROJECT_BINARY_DIR}/install/changelog.Debian
  COMMAND_ERROR_IS_FATAL ANY)
foreach(pair IN ITEMS runtime:libmoniker0 development:libmoniker-dev program:moniker)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 part)
  list(GET pair 1 package)
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/debian/copyright
    ${PROJECT_BINARY_DIR}/install/changelog.Debian.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${part})
endforeach()
include(CPack)
