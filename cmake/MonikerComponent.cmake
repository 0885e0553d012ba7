# moniker_component(<name> MODULES ... [COMPONENTS ...])
#
# What is installed, and linked as moniker::<name>: one library made of the objects of its modules,
# static, shared, or one of each (MONIKER_LIBRARIES). COMPONENTS are those that it stands on. The files
# are called libmonikerxx_<name>: libmoniker and libmoniker_resolve are what programs in C link.
function(moniker_component name)
  cmake_parse_arguments(PARSE_ARGV 1 component "" "" "MODULES;COMPONENTS")
  moniker_collect_needs(component_NEEDS ${component_MODULES})
  if(NOT MONIKER_LIBRARIES STREQUAL shared OR moniker_linkage STREQUAL static)
    moniker_add_component_library(${name} static)
  endif()
  if(NOT MONIKER_LIBRARIES STREQUAL static)
    moniker_add_component_library(${name} shared)
  endif()
  add_library(moniker::${name} ALIAS moniker_${name}_${moniker_linkage})
endfunction()

# Adds moniker_<name>_<kind>, with the arguments of moniker_component in component_*.
function(moniker_add_component_library name kind)
  set(target moniker_${name}_${kind})
  string(TOUPPER ${kind} type)
  set(objects ${component_MODULES})
  list(TRANSFORM objects REPLACE "^(.+)$" "$<TARGET_OBJECTS:moniker_\\1_module>")
  add_library(${target} ${type} ${objects})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  list(TRANSFORM component_COMPONENTS REPLACE "^(.+)$" "moniker_\\1_${kind}")
  set(needs ${component_NEEDS})
  if(kind STREQUAL shared)
    # A shared library brings its own along: programs need not find them.
    list(TRANSFORM needs REPLACE "^(.+)$" "$<BUILD_INTERFACE:\\1>")
  endif()
  target_link_libraries(${target} PUBLIC ${component_COMPONENTS} PRIVATE ${needs})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME monikerxx_${name} EXPORT_NAME ${name} LINKER_LANGUAGE CXX)
  if(kind STREQUAL shared)
    set_target_properties(${target} PROPERTIES
      VERSION ${PROJECT_VERSION} SOVERSION ${moniker_soversion})
    if(NOT MONIKER_DEBIAN_PACKAGES)
      set_target_properties(${target} PROPERTIES INSTALL_RPATH $ORIGIN)  # one finds the other
    endif()
    # SQLiteCpp is a static library, and its symbols are nobody's business.
    target_link_options(${target} PRIVATE LINKER:--exclude-libs,ALL LINKER:-z,now)
  endif()
endfunction()

# moniker_collect_needs(<variable> <module>...): what modules link that is not a module.
function(moniker_collect_needs variable)
  set(needs "")
  foreach(module IN LISTS ARGN)
    get_target_property(links moniker_${module}_module LINK_LIBRARIES)
    if(links)
      list(FILTER links EXCLUDE REGEX "^moniker_")
      list(APPEND needs ${links})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES needs)
  set(${variable} ${needs} PARENT_SCOPE)
endfunction()
