// Where a block of text can be cut so that it ends with a record. Texts that are not valid are cut
// somewhere; what is wrong with them is found by whoever reads the block.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_RECORD_SPLITTER_H_
#define MONIKER_LIB_BATCH_RECORD_SPLITTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "moniker/rewrite.h"

namespace moniker::internal {

// Where a block of JSON begins.
enum class JsonPlace : std::uint8_t {
  kDocuments,    // between documents, or at the first
  kArrayBegin,   // at the bracket of the array that the text is
  kArrayInside,  // at the comma after an element, or at the closing bracket
  kArrayEnd,     // behind the closing bracket
};

// A field of CSV whose quotes are not closed within so many bytes is taken for one that lacks its
// closing quote: the text is cut there, and whoever reads the block finds it out. Else one quote
// too many would have the rest of the text, of any size, read into memory.
inline constexpr std::size_t kLongestQuoted = std::size_t{64} << 20;

class RecordSplitter {
 public:
  virtual ~RecordSplitter() = default;

  // How much of the text is whole records; 0 if more must be read to know. The next text begins
  // there.
  virtual std::size_t Cut(std::string_view text) = 0;

  // Where the next text begins.
  virtual JsonPlace place() const { return JsonPlace::kDocuments; }
};

// `beginning`: of the whole text, without byte order mark.
std::unique_ptr<RecordSplitter> MakeSplitter(RecordFormat format, char quote,
                                             std::string_view beginning);

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_RECORD_SPLITTER_H_
