#include "enrol_pass.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace moniker::tool {
namespace {

// Below, the blocks of a run are steps that are large enough.
constexpr off_t kLongInput = off_t{8} << 20;

}  // namespace

bool CanEnrolFirst(int fd, const PseudonymRules& rules) {
  if (!rules.enroll || !rules.scope || !rules.scope->is_app()) return false;
  struct stat info;
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return false;
  const off_t begin = ::lseek(fd, 0, SEEK_CUR);
  return begin >= 0 && info.st_size - begin > kLongInput;
}

Result<RewriteOutcome> EnrolFirst(int fd, RewriteOptions options, PseudonymRules rules,
                                  PersonsSeen* seen) {
  const off_t begin = ::lseek(fd, 0, SEEK_CUR);
  Result<Enroller> enroller = Enroller::Create(
      *rules.vault, {.identity_epoch = rules.epoch, .label_style = rules.label_style});
  if (!enroller.ok()) return enroller.status();
  rules.enroller = &*enroller;
  rules.seen = seen;
  options.map_in_order = true;
  options.output_compression = Compression::kNone;
  options.resume_from.clear();
  options.checkpoints = false;
  const auto mappers = [&rules]() -> Result<std::unique_ptr<CellMapper>> {
    auto mapper = std::make_unique<PseudonymMapper>(rules);
    if (const Status status = mapper->Prepare(); !status.ok()) return status;
    return std::unique_ptr<CellMapper>(std::move(mapper));
  };
  RewriteSinks sinks;
  sinks.write = [](std::string_view) { return Status::Ok(); };
  Result<RewriteOutcome> outcome = Rewrite(fd, options, mappers, sinks);
  if (!outcome.ok() || outcome->fault) return outcome;
  if (const Status status = enroller->Finish(); !status.ok()) return status;
  if (::lseek(fd, begin, SEEK_SET) != begin) {
    return Status(StatusCode::kIo, "cannot read the input a second time", errno);
  }
  return outcome;
}

}  // namespace moniker::tool
