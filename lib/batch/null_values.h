// The texts that stand for no value.
//
// Thread safety: may be read from several threads.

#ifndef MONIKER_LIB_BATCH_NULL_VALUES_H_
#define MONIKER_LIB_BATCH_NULL_VALUES_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace moniker::internal {

class NullValues {
 public:
  explicit NullValues(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  bool Contain(std::string_view text) const {
    return text.empty() ||
           (!texts_.empty() && std::find(texts_.begin(), texts_.end(), text) != texts_.end());
  }

 private:
  std::vector<std::string> texts_;
};

}  // namespace moniker::internal

#endif  // MONIKER_LIB_BATCH_NULL_VALUES_H_
