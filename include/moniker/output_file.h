// An output that appears whole or not at all: written to a temporary file beside it (mode 0600),
// made durable, then renamed over what was there.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_OUTPUT_FILE_H_
#define MONIKER_OUTPUT_FILE_H_

#include <string>
#include <string_view>

#include "moniker/result.h"
#include "moniker/status.h"

namespace moniker {

class OutputFile {
 public:
  // Errors of all calls: kNotFound (no such folder), kPermission, kReadOnly, kNoSpace, kIo.
  static Result<OutputFile> Create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();  // without Commit nothing is left

  Status Write(std::string_view bytes);

  // Durable under its name when it returns success. Once; nothing may be written afterwards.
  Status Commit();

 private:
  OutputFile(std::string path, std::string temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

  std::string path_;
  std::string temporary_;  // empty once it is renamed
  int fd_;
};

}  // namespace moniker

#endif  // MONIKER_OUTPUT_FILE_H_
