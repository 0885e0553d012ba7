# What `cmake --install` puts where, by the parts that packages are made of: runtime (shared libraries),
# development (headers, static libraries, what CMake and pkg-config need), program.
include(CMakePackageConfigHelpers)

set(moniker_config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/moniker)
set(moniker_kinds ${MONIKER_LIBRARIES})
if(MONIKER_LIBRARIES STREQUAL both)
  set(moniker_kinds static shared)
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/moniker
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.h")

# An export of its own for each library: who asks for core needs nothing that batch is made with.
function(moniker_install_library target file)
  install(TARGETS ${target} EXPORT ${target}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      COMPONENT runtime NAMELINK_COMPONENT development
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
  install(EXPORT ${target} NAMESPACE moniker:: FILE ${file}.cmake
    DESTINATION ${moniker_config_folder} COMPONENT development)
endfunction()
foreach(component IN LISTS moniker_components)
  foreach(kind IN LISTS moniker_kinds)
    moniker_install_library(moniker_${component}_${kind} moniker-${component}-${kind})
  endforeach()
endforeach()
# Those for C are always shared.
foreach(component IN ITEMS c c_resolve)
  moniker_install_library(moniker_${component} moniker-${component})
endforeach()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/moniker-config.cmake.in
  ${PROJECT_BINARY_DIR}/install/moniker-config.cmake INSTALL_DESTINATION ${moniker_config_folder})
# Before 1.0 the next minor version is another interface.
set(moniker_compatibility SameMajorVersion)
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(moniker_compatibility SameMinorVersion)
endif()
write_basic_package_version_file(${PROJECT_BINARY_DIR}/install/moniker-config-version.cmake
  COMPATIBILITY ${moniker_compatibility})
install(FILES
  ${PROJECT_BINARY_DIR}/install/moniker-config.cmake
  ${PROJECT_BINARY_DIR}/install/moniker-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/Findidn2.cmake ${PROJECT_SOURCE_DIR}/cmake/Findsodium.cmake
  ${PROJECT_SOURCE_DIR}/cmake/Findutf8proc.cmake ${PROJECT_SOURCE_DIR}/cmake/Findzstd.cmake
  DESTINATION ${moniker_config_folder} COMPONENT development)

# moniker_install_pkg_config(<component> <file of the library> <what it is> [REQUIRES ...] [PRIVATE ...]
#                            [LIBS ...])
# PRIVATE are packages, and LIBS linker flags, that the static library needs besides.
function(moniker_install_pkg_config component library description)
  cmake_parse_arguments(PARSE_ARGV 3 pc "" "" "REQUIRES;PRIVATE;LIBS")
  # The folder can be moved as a whole.
  file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  list(JOIN pc_LIBS " " pc_libs)
  # Without a shared library what the static one needs is needed always.
  if(MONIKER_LIBRARIES STREQUAL static)
    list(APPEND pc_REQUIRES ${pc_PRIVATE})
    set(pc_PRIVATE "")
    set(pc_public_libs ${pc_libs})
    set(pc_libs "")
  endif()
  list(JOIN pc_REQUIRES " " pc_requires)
  list(JOIN pc_PRIVATE " " pc_private)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/moniker.pc.in
    ${PROJECT_BINARY_DIR}/install/moniker-${component}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/install/moniker-${component}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()

set(moniker_core_packages libsodium sqlite3 libutf8proc)
if(MONIKER_WITH_HIGHWAY)
  list(APPEND moniker_core_packages libhwy)
endif()
set(moniker_core_libs -lSQLiteCpp -lpthread)
if(MONIKER_WITH_IDN2)
  list(APPEND moniker_core_libs -lidn2)  # by name: its own file asks for a static libunistring
endif()
moniker_install_pkg_config(core monikerxx_core "Gives people pseudonyms, and keeps the way back in a vault"
  PRIVATE ${moniker_core_packages} LIBS ${moniker_core_libs})
moniker_install_pkg_config(resolve monikerxx_resolve "From pseudonyms back to persons, audited"
  REQUIRES moniker-core)
moniker_install_pkg_config(batch monikerxx_batch "Replaces identities in CSV and JSON files"
  REQUIRES moniker-core PRIVATE simdjson zlib libzstd)
moniker_install_pkg_config(c moniker "Gives people pseudonyms: the interface for C")
moniker_install_pkg_config(c-resolve moniker_resolve "From pseudonyms back to persons: the interface for C")
