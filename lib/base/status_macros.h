// Passes an error on to the caller, so that the success path reads straight down.

#ifndef MONIKER_LIB_BASE_STATUS_MACROS_H_
#define MONIKER_LIB_BASE_STATUS_MACROS_H_

#include "moniker/result.h"
#include "moniker/status.h"

#define MONIKER_RETURN_IF_ERROR(expression)            \
  do {                                                 \
    ::moniker::Status moniker_status_ = (expression);  \
    if (!moniker_status_.ok()) return moniker_status_; \
  } while (false)

#define MONIKER_CONCAT_INNER_(a, b) a##b
#define MONIKER_CONCAT_(a, b) MONIKER_CONCAT_INNER_(a, b)

// MONIKER_ASSIGN_OR_RETURN(auto key, ReadKey(path));
#define MONIKER_ASSIGN_OR_RETURN(declaration, expression) \
  MONIKER_ASSIGN_OR_RETURN_(MONIKER_CONCAT_(moniker_result_, __LINE__), declaration, expression)
#define MONIKER_ASSIGN_OR_RETURN_(result, declaration, expression) \
  auto result = (expression);                                      \
  if (!result.ok()) return result.status();                        \
  declaration = *std::move(result)

#endif  // MONIKER_LIB_BASE_STATUS_MACROS_H_
