// An output that appears whole or not at all: durable before it gets its name. Where the file
// system can do it, the file has no name at all until then, so that a killed program leaves nothing
// behind; elsewhere it is a temporary file beside the output. Mode 0600.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_OUTPUT_FILE_H_
#define MONIKER_OUTPUT_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker {

class OutputFile {
 public:
  // What stands at `path` is replaced on Commit if it is a regular file; anything else (a link, a
  // device, a folder) is refused with kConflict.
  // Errors of all calls: kNotFound (no such folder), kPermission, kReadOnly, kNoSpace, kIo.
  static Result<OutputFile> Create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();  // without Commit nothing is left

  Status Write(std::string_view bytes);

  // Durable under its name when it returns success. Once; nothing may be written afterwards.
  Status Commit();

 private:
  class State;

  explicit OutputFile(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace moniker

#endif  // MONIKER_OUTPUT_FILE_H_
