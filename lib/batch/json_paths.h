// The paths of RewriteOptions::columns, as a tree that is walked beside a document.
//
// Thread safety: may be read from several threads.

#ifndef MONIKER_LIB_BATCH_JSON_PATHS_H_
#define MONIKER_LIB_BATCH_JSON_PATHS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/result.h"
#include "moniker/rewrite.h"

namespace moniker::internal {

// `a.b[].c`: the parts are "a", "b", nothing (every element), "c".
// Errors: kInvalidArgument.
Result<std::vector<std::optional<std::string>>> ParseJsonPath(std::string_view path);

struct JsonPathNode {
  struct Member {
    std::string name;
    std::uint32_t node;
  };

  std::vector<Member> members;
  std::optional<std::uint32_t> elements;
  std::optional<std::uint16_t> rule;  // a path ends here: index into RewriteOptions::columns
};

class JsonPaths {
 public:
  // Errors, with the index of the column as locator: kInvalidArgument for what is no path, and for
  // an element of a list that is to be dropped, or beside which a member is to be added; kConflict
  // for two columns of one path.
  static Result<JsonPaths> Make(const std::vector<RewriteColumn>& rules);

  const JsonPathNode& root() const { return nodes_.front(); }
  const JsonPathNode& node(std::uint32_t i) const { return nodes_[i]; }

 private:
  std::uint32_t Descend(std::uint32_t node, const std::optional<std::string>& part);

  std::vector<JsonPathNode> nodes_{1};
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_JSON_PATHS_H_
