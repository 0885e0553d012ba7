# moniker_module(<name> SOURCES ... [PUBLIC ...] [PRIVATE ...])
#
# One library per module of lib/, with its links spelled out: PUBLIC where its headers need the other
# module, PRIVATE where only its sources do. tests/layering holds these links against the #includes.
function(moniker_module name)
  cmake_parse_arguments(PARSE_ARGV 1 module "" "" "SOURCES;PUBLIC;PRIVATE")
  add_library(moniker_${name} ${module_SOURCES})
  add_library(moniker::${name} ALIAS moniker_${name})
  target_compile_features(moniker_${name} PUBLIC cxx_std_20)
  target_include_directories(moniker_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR}/lib)
  target_link_libraries(moniker_${name} PUBLIC ${module_PUBLIC} PRIVATE ${module_PRIVATE})
  moniker_set_warnings(moniker_${name})
  set_target_properties(moniker_${name} PROPERTIES
    CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
endfunction()

function(moniker_set_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    $<$<BOOL:${MONIKER_WARNINGS_AS_ERRORS}>:-Werror>)
endfunction()
