# moniker_module(<name> SOURCES ... [PUBLIC ...] [PRIVATE ...])
#
# One library per module of lib/, with its links spelled out: PUBLIC where its headers need the other
# module, PRIVATE where only its sources do. tests/layering holds these links against the #includes.
#
# Modules are static whatever is installed, and known as moniker::<name> only to tests and benchmarks:
# applications link components (cmake/MonikerComponent.cmake).
function(moniker_module name)
  cmake_parse_arguments(PARSE_ARGV 1 module "" "" "SOURCES;PUBLIC;PRIVATE")
  set(target moniker_${name}_module)
  add_library(${target} STATIC EXCLUDE_FROM_ALL ${module_SOURCES})
  if((MONIKER_BUILD_TESTS OR MONIKER_BUILD_BENCHMARKS) AND NOT name IN_LIST moniker_components)
    add_library(moniker::${name} ALIAS ${target})
  endif()
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC ${PROJECT_SOURCE_DIR}/include PRIVATE ${PROJECT_SOURCE_DIR}/lib)
  list(TRANSFORM module_PUBLIC REPLACE "^moniker::(.+)$" "moniker_\\1_module")
  list(TRANSFORM module_PRIVATE REPLACE "^moniker::(.+)$" "moniker_\\1_module")
  target_link_libraries(${target} PUBLIC ${module_PUBLIC} PRIVATE ${module_PRIVATE})
  moniker_set_warnings(${target})
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
endfunction()

function(moniker_set_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    $<$<BOOL:${MONIKER_WARNINGS_AS_ERRORS}>:-Werror>)
endfunction()

# moniker_c_library(<name> OUTPUT <file> SOURCES ... PRIVATE ...)
#
# A shared library for C: whatever it is made of, it exports the functions of its headers alone.
function(moniker_c_library name)
  cmake_parse_arguments(PARSE_ARGV 1 library "" "OUTPUT" "SOURCES;PRIVATE")
  add_library(moniker_${name} SHARED ${library_SOURCES})
  add_library(moniker::${name} ALIAS moniker_${name})
  target_compile_features(moniker_${name} PRIVATE cxx_std_20)
  target_include_directories(moniker_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/lib)
  # All of it goes into the library: who links that needs to find nothing else.
  list(TRANSFORM library_PRIVATE REPLACE "^moniker::(.+)$" "$<BUILD_INTERFACE:moniker_\\1_module>")
  target_link_libraries(moniker_${name} PRIVATE ${library_PRIVATE})
  moniker_set_warnings(moniker_${name})
  set(exports ${PROJECT_SOURCE_DIR}/lib/c/exports.map)
  target_link_options(moniker_${name} PRIVATE LINKER:--version-script=${exports} LINKER:-z,defs)
  set_target_properties(moniker_${name} PROPERTIES
    CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    OUTPUT_NAME ${library_OUTPUT} EXPORT_NAME ${name} SOVERSION 0 VERSION ${PROJECT_VERSION} LINK_DEPENDS ${exports})
endfunction()
