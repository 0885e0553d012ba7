// An output that appears whole or not at all: durable before it gets its name. Where the file
// system can do it, the file has no name at all until then, so that a killed program leaves nothing
// behind; elsewhere it is a temporary file beside the output. Only to replace a file it has another
// name for the moment before it takes the place of the old one. Mode 0600.
//
// Thread safety: used by one thread at a time.

#ifndef MONIKER_OUTPUT_FILE_H_
#define MONIKER_OUTPUT_FILE_H_

#include <cstdint>
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

  // One that a later call can go on with: until Commit it stands at PATH.partial, and stays there
  // without Commit. Goes on behind the first `size` bytes of what stands there, and cuts off what
  // follows them; makes it if nothing is there and `size` is 0.
  // Errors: also kNotFound if nothing is there; kConflict as Create, if it is shorter than `size`,
  // and while another OutputFile writes it; kPermission if it is no regular file that is this
  // user's and closed to others.
  static Result<OutputFile> Continue(const std::string& path, std::uint64_t size);

  // Where Continue lets it stand.
  static std::string PartialName(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();  // without Commit nothing is left, but for what Continue says

  Status Write(std::string_view bytes);

  // What was written so far is durable when it returns success, and its name if it has one.
  Status MakeDurable();

  // The name that it has until Commit; empty if it has none.
  const std::string& temporary_name() const;

  // Durable under its name when it returns success. Once; nothing may be written afterwards.
  Status Commit();

 private:
  class State;

  explicit OutputFile(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace moniker

#endif  // MONIKER_OUTPUT_FILE_H_
