// Where the parts of one JSON document stand in its text, so that a walk can look at all members of
// an object before it comes to what is inside them, in linear time and without recursion.
//
// Accepts RFC 8259 strictly, and nothing else, up to kMaxJsonDepth levels. Does not look at whether
// the bytes in strings are UTF-8.
//
// Thread safety: an index may be read from several threads.

#ifndef MONIKER_LIB_BATCH_JSON_INDEX_H_
#define MONIKER_LIB_BATCH_JSON_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "moniker/result.h"

namespace moniker::internal {

inline constexpr std::size_t kMaxJsonDepth = 512;

struct JsonNode {
  enum class Kind : std::uint8_t { kObject, kArray, kKey, kString, kScalar };

  std::uint32_t begin;  // of the text of the node, quotes and brackets included
  std::uint32_t end;
  std::uint32_t next;  // the node after this one and all that is inside it
  Kind kind;
  bool escaped;  // a key or string that contains a backslash
};

class JsonIndex {
 public:
  // Reads the document at the beginning of `text`, after white space, and leaves alone what stands
  // behind it. Returns where the document ends.
  // Errors: kInvalidArgument if there is no valid document; kUnsupported if it ends at 4 GiB or
  // later. After an error there are no nodes.
  Result<std::size_t> Read(std::string_view text);

  // In the order of the text, the document itself first. The nodes of an object are key, value,
  // key, value...
  const std::vector<JsonNode>& nodes() const { return nodes_; }

 private:
  class Scanner;

  std::vector<JsonNode> nodes_;
  std::vector<std::uint32_t> open_;  // the objects and arrays around the place of reading
};

// What a key or string node of `document` says; points into `document` or *scratch.
std::string_view JsonStringValue(std::string_view document, const JsonNode& node,
                                 std::string* scratch);

// `text` without the white space of JSON at its beginning.
std::string_view SkipJsonSpace(std::string_view text);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_JSON_INDEX_H_
