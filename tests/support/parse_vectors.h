// Holds the parsers of external IDs against vectors of type "parse".

#ifndef MONIKER_TESTS_SUPPORT_PARSE_VECTORS_H_
#define MONIKER_TESTS_SUPPORT_PARSE_VECTORS_H_

#include <gtest/gtest.h>

#include <string>

#include "moniker/pseudonym.h"
#include "support/vector_file.h"

namespace moniker::testing {

// How many vectors of the family there are.
inline int ExpectParsersAgreeWith(const std::string& family) {
  int count = 0;
  for (const VectorFile& vector : ReadVectors(family, "parse")) {
    SCOPED_TRACE(vector.name());
    ++count;
    const std::string input = vector.Bytes("input-hex");
    const Result<ExternalId> id =
        vector.Get("mode") == "strict" ? ExternalId::Parse(input) : ExternalId::ParseTyped(input);
    const bool accepted = vector.Get("expect") == "ok";
    EXPECT_EQ(id.ok(), accepted);
    if (id.ok() && accepted) {
      EXPECT_EQ(id->text(), vector.Get("external-id"));
    } else if (!id.ok()) {
      EXPECT_EQ(id.status().code(), StatusCode::kInvalidArgument);
    }
  }
  return count;
}

}  // namespace moniker::testing

#endif  // MONIKER_TESTS_SUPPORT_PARSE_VECTORS_H_
