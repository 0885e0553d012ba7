// The command that writes the 256 pictures for a web server.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "commands.h"
#include "io.h"
#include "moniker/avatar.h"

namespace moniker::tool {
namespace {

constexpr int kPictures = 256;
constexpr mode_t kFolderMode = 0755;  // a web server runs as another user
constexpr mode_t kFileMode = 0644;

[[noreturn]] void FailSystem(const std::string& path, const char* what) {
  const int error = errno;
  throw Failure(kFailed, path + ": " + what + " (" + std::strerror(error) + ")",
                error == ENOSPC ? "make room and run it again" : "");
}

void WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) FailSystem(path, "cannot write the file");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void SyncFolder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || ::fsync(fd) != 0) FailSystem(path, "cannot make the folder durable");
  ::close(fd);
}

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A folder beside the wanted one that takes its name when it is complete, and else goes away.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& wanted) : wanted_(wanted), path_(wanted + ".XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) FailSystem(wanted, "cannot make the folder");
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    if (path_.empty()) return;
    for (const std::string& file : files_) ::unlink(file.c_str());
    ::rmdir(path_.c_str());
  }

  void Add(const std::string& name, std::string_view bytes) {
    const std::string path = path_ + "/" + name;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
    if (fd < 0) FailSystem(wanted_, "cannot make a file in it");
    files_.push_back(path);
    WriteAll(fd, bytes, wanted_);
    // The umask does not decide: what is written here is for everybody.
    if (::fchmod(fd, kFileMode) != 0 || ::fsync(fd) != 0) {
      FailSystem(wanted_, "cannot make a file durable");
    }
    ::close(fd);
  }

  void TakeName() {
    if (::chmod(path_.c_str(), kFolderMode) != 0) FailSystem(wanted_, "cannot open it to others");
    SyncFolder(path_);
    // Replaces an empty folder, and nothing else.
    if (::rename(path_.c_str(), wanted_.c_str()) != 0) {
      FailSystem(wanted_, "cannot give the folder its name");
    }
    path_.clear();
    SyncFolder(ParentOf(wanted_));
  }

 private:
  std::string wanted_;
  std::string path_;  // empty once it has its name
  std::vector<std::string> files_;
};

// Before the work, for a message that says it; rename(2) holds to it all the same.
void RequireRoomFor(const std::string& folder) {
  struct stat info;
  if (::lstat(folder.c_str(), &info) != 0) return;
  if (!S_ISDIR(info.st_mode)) throw Failure(kFailed, folder + ": is there already, and no folder");
  std::error_code error;
  if (!std::filesystem::is_empty(folder, error)) {
    throw Failure(kFailed, folder + ": is there already, and not empty");
  }
}

std::string IndexPage() {
  std::string page =
      "<!DOCTYPE html>\n"
      "<html lang=\"en\">\n"
      "<head>\n"
      "<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<title>Avatars 0 to 255</title>\n"
      "<style>\n"
      "body { margin: 24px; font: 12px sans-serif; color: #333; background: #fff }\n"
      "main { display: grid; grid-template-columns: repeat(auto-fill, 56px); gap: 16px 8px }\n"
      "figure { margin: 0; text-align: center }\n"
      "img { display: block; width: 48px; height: 48px; margin: 0 auto 4px; border-radius: 50% }\n"
      "</style>\n"
      "</head>\n"
      "<body>\n"
      "<main>\n";
  for (int index = 0; index < kPictures; ++index) {
    const std::string number = std::to_string(index);
    page += "<figure><img src=\"" + number + ".svg\" alt=\"\"><figcaption>" + number +
            "</figcaption></figure>\n";
  }
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace

ExitStatus ExportAvatars(const std::string& folder) {
  const std::string wanted = WithoutTrailingSlashes(folder);
  RequireRoomFor(wanted);
  TemporaryFolder temporary(wanted);
  for (int index = 0; index < kPictures; ++index) {
    temporary.Add(std::to_string(index) + ".svg", AvatarSvg(static_cast<std::uint8_t>(index)));
  }
  temporary.Add("index.html", IndexPage());
  temporary.TakeName();
  Tell("wrote 256 pictures and index.html to " + wanted);
  return kDone;
}

}  // namespace moniker::tool
