# How test programs are compiled and run: used by tests/CMakeLists.txt alone.

# What is tested is optimised as the preset says; optimising the tests would double the build. So would
# the checks for null, misaligned and mistyped objects at every access, which are kept for the library.
function(moniker_set_test_options target)
  target_compile_options(${target} PRIVATE -O0 $<$<NOT:$<CONFIG:Debug>>:-g1>)
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=[a-z,]*undefined")
    target_compile_options(${target} PRIVATE -fno-sanitize=null,alignment,vptr)
  endif()
endfunction()

# moniker_keep_threads(<variable> <module> <source>...)
# Sets the variable to those of a program's sources that ThreadSanitizer can find something in: all of
# them if lib/<module>/ starts threads itself, else the tests that do, and what is no test.
function(moniker_keep_threads variable module)
  set(starts_threads "std::j?thread|std::async|pthread_create")
  file(GLOB library CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/lib/${module}/*.cc ${PROJECT_SOURCE_DIR}/lib/${module}/*.h)
  foreach(source IN LISTS library)
    file(STRINGS ${source} found REGEX "${starts_threads}" LIMIT_COUNT 1)
    if(found)
      set(${variable} ${ARGN} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(kept "")
  set(others "")
  foreach(source IN LISTS ARGN)
    if(NOT source MATCHES "_test\\.cc$")
      list(APPEND others ${source})
      continue()
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    file(STRINGS ${source} found REGEX "${starts_threads}" LIMIT_COUNT 1)
    if(found)
      list(APPEND kept ${source})
    endif()
  endforeach()
  if(kept)
    list(APPEND kept ${others})
  endif()
  set(${variable} ${kept} PARENT_SCOPE)
endfunction()

# The tests of a program, a part of them in each process. With sanitizers the start of a process takes
# longer than most tests do.
function(moniker_add_shards program)
  set(shards 6)
  foreach(shard RANGE 1 ${shards})
    math(EXPR index "${shard} - 1")
    add_test(NAME ${program}.${shard}_of_${shards} COMMAND ${program} --gtest_brief=1)
    set_tests_properties(${program}.${shard}_of_${shards} PROPERTIES
      TIMEOUT 900 ENVIRONMENT "GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()
