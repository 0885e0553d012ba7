#include "batch/compression.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>

namespace moniker {
namespace {

constexpr std::string_view kGzipEnding = ".gz";
constexpr std::string_view kZstdEnding = ".zst";

}  // namespace

Compression CompressionOfName(std::string_view name) {
  if (name.ends_with(kGzipEnding)) return Compression::kGzip;
  return name.ends_with(kZstdEnding) ? Compression::kZstd : Compression::kNone;
}

std::string_view WithoutCompressionEnding(std::string_view name) {
  if (name.ends_with(kGzipEnding))
    name.remove_suffix(kGzipEnding.size());
  else if (name.ends_with(kZstdEnding))
    name.remove_suffix(kZstdEnding.size());
  return name;
}

Compression CompressionOfText(std::string_view text) {
  if (text.starts_with("\x1F\x8B")) return Compression::kGzip;
  return text.starts_with("\x28\xB5\x2F\xFD") ? Compression::kZstd : Compression::kNone;
}

namespace internal {
namespace {

constexpr Status kDamaged(StatusCode::kInvalidArgument, "the compressed input is damaged");

constexpr int kGzipWindow = 15 + 16;  // the largest, in the form of gzip
constexpr int kGzipLevel = 6;
constexpr int kGzipMemory = 8;
constexpr int kZstdLevel = 3;

class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor() {
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;
  ~GzipDecompressor() override { inflateEnd(&stream_); }

  Result<Step> Decompress(std::string_view input, std::span<char> output) override {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    if (input.empty()) return Step{};
    if (is_at_end_ && inflateReset(&stream_) != Z_OK) return kDamaged;
    is_at_end_ = false;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(std::min(input.size(), kMost));
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(std::min(output.size(), kMost));
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return kDamaged;
    is_at_end_ = result == Z_STREAM_END;
    const auto* const in = reinterpret_cast<const char*>(stream_.next_in);
    const auto* const out = reinterpret_cast<const char*>(stream_.next_out);
    return Step{static_cast<std::size_t>(in - input.data()),
                static_cast<std::size_t>(out - output.data())};
  }

  bool IsAtEnd() const override { return is_at_end_; }

 private:
  z_stream stream_{};
  bool is_at_end_ = true;
};

class ZstdDecompressor final : public Decompressor {
 public:
  ZstdDecompressor() : context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
  }
  ZstdDecompressor(const ZstdDecompressor&) = delete;
  ZstdDecompressor& operator=(const ZstdDecompressor&) = delete;
  ~ZstdDecompressor() override { ZSTD_freeDCtx(context_); }

  Result<Step> Decompress(std::string_view input, std::span<char> output) override {
    // Asked at the end of a frame, it would say what it needs of the next.
    if (input.empty() && is_at_end_) return Step{};
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_, &out, &in);
    if (ZSTD_isError(result)) return kDamaged;
    is_at_end_ = result == 0;
    return Step{in.pos, out.pos};
  }

  bool IsAtEnd() const override { return is_at_end_; }

 private:
  ZSTD_DCtx* context_;
  bool is_at_end_ = true;
};

Status AppendGzip(std::string_view text, std::string* out) {
  if (text.size() > std::numeric_limits<uInt>::max()) {
    return Status(StatusCode::kUnsupported, "4 GiB or more in one block of gzip");
  }
  z_stream stream{};
  if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, kGzipMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  const std::size_t before = out->size();
  const uLong bound = deflateBound(&stream, static_cast<uLong>(text.size()));
  out->resize(before + bound);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out->data() + before);
  stream.avail_out = static_cast<uInt>(std::min<uLong>(bound, std::numeric_limits<uInt>::max()));
  const int result = deflate(&stream, Z_FINISH);
  out->resize(before + stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END)
    return Status(StatusCode::kUnsupported, "the block cannot be compressed");
  return Status::Ok();
}

Status AppendZstd(std::string_view text, std::string* out) {
  const std::size_t before = out->size();
  out->resize(before + ZSTD_compressBound(text.size()));
  const std::size_t size = ZSTD_compress(out->data() + before, out->size() - before, text.data(),
                                         text.size(), kZstdLevel);
  if (ZSTD_isError(size)) throw std::bad_alloc();  // the only way for it to fail here
  out->resize(before + size);
  return Status::Ok();
}

}  // namespace

std::unique_ptr<Decompressor> MakeDecompressor(Compression compression) {
  if (compression == Compression::kGzip) return std::make_unique<GzipDecompressor>();
  return std::make_unique<ZstdDecompressor>();
}

Status AppendCompressed(Compression compression, std::string_view text, std::string* out) {
  switch (compression) {
    case Compression::kNone: out->append(text); return Status::Ok();
    case Compression::kGzip: return AppendGzip(text, out);
    case Compression::kZstd: return AppendZstd(text, out);
  }
  __builtin_unreachable();
}

}  // namespace internal
}  // namespace moniker
