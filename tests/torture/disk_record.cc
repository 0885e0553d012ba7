#include "torture/disk_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "support/temporary_folder.h"

namespace moniker::testing {
namespace {

constexpr std::uint64_t kSector = 512;

bool IsOfNames(const DiskEvent& event) {
  return event.kind == DiskEvent::kName || event.kind == DiskEvent::kRename ||
         event.kind == DiskEvent::kUnname;
}

// Each part of a write that lies within one sector, as it would be written alone.
std::vector<DiskEvent> SectorsOf(const DiskEvent& write) {
  std::vector<DiskEvent> parts;
  for (std::uint64_t done = 0; done < write.bytes.size();) {
    const std::uint64_t offset = write.offset + done;
    const std::uint64_t size =
        std::min<std::uint64_t>(kSector - offset % kSector, write.bytes.size() - done);
    parts.push_back({.kind = DiskEvent::kWrite,
                     .file = write.file,
                     .offset = offset,
                     .bytes = write.bytes.substr(done, size)});
    done += size;
  }
  return parts;
}

}  // namespace

void DiskImage::Apply(const DiskEvent& event) {
  switch (event.kind) {
    case DiskEvent::kWrite: {
      std::string& content = files[event.file];
      if (content.size() < event.offset + event.bytes.size()) {
        content.resize(event.offset + event.bytes.size());
      }
      std::memcpy(content.data() + event.offset, event.bytes.data(), event.bytes.size());
      break;
    }
    case DiskEvent::kTruncate: files[event.file].resize(event.offset); break;
    case DiskEvent::kName: names[event.name] = event.file; break;
    case DiskEvent::kRename:
      names[event.name] = event.file;
      names.erase(event.from);
      break;
    case DiskEvent::kUnname: names.erase(event.name); break;
    default: break;
  }
}

void DiskImage::WriteTo(const std::string& folder) const {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  for (const auto& [name, file] : names) {
    const auto content = files.find(file);
    WriteBytes(folder + "/" + name, content == files.end() ? std::string() : content->second);
  }
}

DiskRecorder::DiskRecorder(const std::string& folder)
    : folder_(std::filesystem::weakly_canonical(folder)) {
  if (!std::filesystem::exists(folder_)) return;
  for (const std::string& name : NamesIn(folder_)) {
    if (name.ends_with(kSharedMemory)) continue;
    before_.names[name] = next_;
    before_.files[next_] = ReadBytes(folder_ + "/" + name);
    ++next_;
  }
  names_ = before_.names;
}

std::optional<std::string> DiskRecorder::NameIn(std::string_view path) const {
  constexpr std::string_view kTemporary = ".XXXXXX";
  if (!path.starts_with(folder_) || path.ends_with(kSharedMemory)) return std::nullopt;
  path.remove_prefix(folder_.size());
  if (path.starts_with('.') && path.size() >= kTemporary.size()) {
    path.remove_prefix(kTemporary.size());
  }
  if (path.empty()) return "";
  if (path[0] != '/') return std::nullopt;
  return std::string(path.substr(1));
}

FileNumber DiskRecorder::FileOf(int fd) const {
  const auto found = open_.find(fd);
  return found == open_.end() ? kElsewhere : found->second;
}

void DiskRecorder::Opened(const DiskCall& call, int fd) {
  open_.erase(fd);
  const std::optional<std::string> name = NameIn(call.path);
  if (!name) return;
  if (name->empty()) {
    open_[fd] = (call.flags & O_TMPFILE) == O_TMPFILE ? next_++ : kFolder;
    return;
  }
  if (!names_.contains(*name)) {
    names_[*name] = next_;
    events_.push_back({.kind = DiskEvent::kName, .file = next_, .name = *name});
    ++next_;
  }
  open_[fd] = names_[*name];
  if ((call.flags & O_TRUNC) != 0) {
    events_.push_back({.kind = DiskEvent::kTruncate, .file = open_[fd]});
  }
}

void DiskRecorder::After(const DiskCall& call, std::int64_t answer) {
  const FileNumber file = FileOf(call.fd);
  switch (call.kind) {
    case DiskCall::kOpen: Opened(call, static_cast<int>(answer)); break;
    case DiskCall::kRead: break;
    case DiskCall::kWrite: {
      if (file < 0) break;
      const auto* const text = reinterpret_cast<const char*>(call.bytes.data());
      const std::string bytes(text, static_cast<std::size_t>(answer));
      std::uint64_t offset = 0;
      if (call.offset >= 0) {
        offset = static_cast<std::uint64_t>(call.offset);
      } else {
        offset = static_cast<std::uint64_t>(::lseek(call.fd, 0, SEEK_CUR)) - bytes.size();
      }
      events_.push_back(
          {.kind = DiskEvent::kWrite, .file = file, .offset = offset, .bytes = bytes});
      break;
    }
    case DiskCall::kTruncate:
      if (file < 0) break;
      events_.push_back({.kind = DiskEvent::kTruncate,
                         .file = file,
                         .offset = static_cast<std::uint64_t>(call.offset)});
      break;
    case DiskCall::kSync:
      if (file == kFolder) events_.push_back({.kind = DiskEvent::kSyncFolder});
      if (file >= 0) events_.push_back({.kind = DiskEvent::kSync, .file = file});
      break;
    case DiskCall::kRename: {
      const std::optional<std::string> from = NameIn(call.path);
      const std::optional<std::string> to = NameIn(call.to);
      if (!from || !to || to->empty()) break;  // also if the folder itself gets its name
      const FileNumber moved = names_[*from];
      names_.erase(*from);
      names_[*to] = moved;
      events_.push_back({.kind = DiskEvent::kRename, .file = moved, .name = *to, .from = *from});
      break;
    }
    case DiskCall::kLink: {
      const std::optional<std::string> to = NameIn(call.to);
      const std::string_view from(call.path);
      constexpr std::string_view kOwn = "/proc/self/fd/";
      if (!to || !from.starts_with(kOwn)) break;
      names_[*to] = FileOf(std::stoi(std::string(from.substr(kOwn.size()))));
      events_.push_back({.kind = DiskEvent::kName, .file = names_[*to], .name = *to});
      break;
    }
    case DiskCall::kUnlink: {
      const std::optional<std::string> name = NameIn(call.path);
      if (!name) break;
      names_.erase(*name);
      events_.push_back({.kind = DiskEvent::kUnname, .name = *name});
      break;
    }
  }
}

void DiskReplay::Apply(const DiskEvent& event) {
  const bool is_sync = event.kind == DiskEvent::kSync || event.kind == DiskEvent::kSyncFolder;
  if (!is_sync) {
    if (event.kind != DiskEvent::kBegin && event.kind != DiskEvent::kDone) {
      pending_.push_back(event);
    }
    return;
  }
  if (!sync_works_) return;
  std::erase_if(pending_, [&](const DiskEvent& one) {
    const bool covered = event.kind == DiskEvent::kSyncFolder
                             ? IsOfNames(one)
                             : !IsOfNames(one) && one.file == event.file;
    if (covered) durable_.Apply(one);
    return covered;
  });
}

DiskImage DiskReplay::CutPower(Unsynced unsynced, std::mt19937_64* random) const {
  DiskImage image = durable_;
  const auto coin = [&] { return (*random)() % 2 == 0; };
  const std::size_t first =
      unsynced == Unsynced::kFirstKept ? (*random)() % (pending_.size() + 1) : pending_.size();
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const DiskEvent& event = pending_[i];
    if (unsynced == Unsynced::kNoneKept || i >= first) break;
    if (unsynced == Unsynced::kTorn && event.kind == DiskEvent::kWrite) {
      for (const DiskEvent& part : SectorsOf(event)) {
        if (coin()) image.Apply(part);
      }
    } else if (unsynced == Unsynced::kAllKept || unsynced == Unsynced::kFirstKept || coin()) {
      image.Apply(event);
    }
  }
  return image;
}

}  // namespace moniker::testing
