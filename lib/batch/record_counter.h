// In which record of a text that can be read a place is.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_LIB_BATCH_RECORD_COUNTER_H_
#define MONIKER_LIB_BATCH_RECORD_COUNTER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "moniker/rewrite.h"

namespace moniker::internal {

class RecordCounter {
 public:
  // `beginning`: of the text, by which JSON that is an array is known. `quote`: of CSV, or NUL.
  RecordCounter(RecordFormat format, char quote, std::string_view beginning);

  // The next part of the text.
  void Add(std::string_view text);

  // That of the byte which was added last, from 1, or 0 for the header of CSV. Between records of
  // JSON it is the one before.
  std::uint64_t record() const;

 private:
  void AddCsv(char c);
  void AddLine(char c);
  void AddJson(char c);

  const RecordFormat format_;
  const char quote_;
  const std::size_t record_depth_;  // of JSON: how deep records are
  std::uint64_t records_ = 0;       // that have begun
  std::size_t depth_ = 0;
  bool is_in_record_;
  bool is_in_quotes_ = false;
  bool is_escaped_ = false;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_RECORD_COUNTER_H_
