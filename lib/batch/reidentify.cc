#include "moniker/reidentify.h"

#include <cstdint>
#include <utility>

#include "base/status_macros.h"
#include "batch/identity_rewriter.h"
#include "batch/json_index.h"

namespace moniker {
namespace {

using internal::FieldRole;
using internal::IdentityRewriter;
using internal::Subject;
using internal::SubjectChoice;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Knows nobody, and tells who was asked for.
class CollectingDirectory final : public IdentityDirectory {
 public:
  explicit CollectingDirectory(const std::function<void(std::string_view)>& sink) : sink_(sink) {}

  const KnownIdentity* Find(std::string_view id) const override {
    sink_(id);
    return nullptr;
  }

 private:
  const std::function<void(std::string_view)>& sink_;
};

// All documents of a text. If `keep_unchanged`, *out becomes the whole text, else it gets the
// documents that change.
Status RewriteDocuments(std::string_view text, bool keep_unchanged, IdentityRewriter* rewriter,
                        std::string* out) {
  std::string_view rest = text;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  if (keep_unchanged) out->append(text.substr(0, text.size() - rest.size()));
  for (std::int64_t number = 1; !internal::SkipJsonSpace(rest).empty(); ++number) {
    const Result<IdentityRewriter::Document> document = rewriter->RewriteDocument(rest, out);
    if (!document.ok()) return document.status().At(number);
    if (keep_unchanged && !document->changed) out->append(rest.substr(0, document->end));
    rest.remove_prefix(document->end);
    if (!rest.empty() && internal::SkipJsonSpace(rest).size() == rest.size()) {
      return Status(StatusCode::kInvalidArgument, "JSON: no white space after a document", number);
    }
  }
  if (keep_unchanged) out->append(rest);
  return Status::Ok();
}

// A record is rewritten like an object whose members are its cells.
class RecordWalk {
 public:
  RecordWalk(const CsvDocument* document, IdentityRewriter* rewriter, CsvRewriter* out)
      : document_(*document), rewriter_(*rewriter), out_(*out) {}

  Status Run() {
    MONIKER_RETURN_IF_ERROR(RewriteHeader());
    for (std::size_t record = 1; record <= document_.record_count(); ++record) {
      const Status status = RewriteRecord(record);
      if (!status.ok()) return status.At(static_cast<std::int64_t>(record));
    }
    return Status::Ok();
  }

 private:
  struct Column {
    FieldRole role;
    const KnownIdentity* known;  // the header is an ID
  };

  Status RewriteHeader() {
    internal::RenamedKeys keys;
    for (std::size_t column = 0; column < document_.columns().size(); ++column) {
      const std::string_view name = document_.columns()[column];
      const KnownIdentity* const known = rewriter_.Find(name);
      columns_.push_back({rewriter_.RoleOf(name), known});
      replaced_.clear();
      const Result<bool> changed = rewriter_.RewriteKey(name, known, &replaced_);
      if (!changed.ok()) return changed.status().At(0);
      keys.Add(name, *changed ? std::string_view(replaced_) : name);
      if (*changed) MONIKER_RETURN_IF_ERROR(out_.Replace(0, column, replaced_).At(0));
    }
    if (!keys.Collide()) return Status::Ok();
    return Status(StatusCode::kConflict, "CSV: two different columns would become one", 0);
  }

  Status RewriteRecord(std::size_t record) {
    const Subject subject = SubjectOf(record);
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const std::string_view cell = document_.Value(record, column, &decoded_);
      const Column& place = columns_[column];
      const bool under_id = place.known != nullptr && place.role != FieldRole::kName;
      replaced_.clear();
      MONIKER_ASSIGN_OR_RETURN(
          const bool changed,
          rewriter_.RewriteText(cell, place.role,
                                under_id ? Subject{.identity = place.known} : subject,
                                /*level=*/0, &replaced_));
      if (changed) MONIKER_RETURN_IF_ERROR(out_.Replace(record, column, replaced_));
    }
    return Status::Ok();
  }

  // Nothing is around a record, so without own IDs it inherits the person whom all its IDs agree
  // on.
  Subject SubjectOf(std::size_t record) {
    SubjectChoice own;
    bool has_own = false;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const FieldRole role = columns_[column].role;
      if (role == FieldRole::kOther || role == FieldRole::kName) continue;
      has_own |= rewriter_.AddOwnId(role, document_.Value(record, column, &decoded_), &own);
    }
    return own.Decide(has_own ? nullptr : PersonOfCells(record));
  }

  const KnownIdentity* PersonOfCells(std::size_t record) {
    SubjectChoice cells;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const KnownIdentity* const known = rewriter_.Find(document_.Value(record, column, &decoded_));
      if (known != nullptr) cells.Add(known);
    }
    return cells.Decide(nullptr).identity;
  }

  const CsvDocument& document_;
  IdentityRewriter& rewriter_;
  CsvRewriter& out_;
  std::vector<Column> columns_;
  std::string decoded_;
  std::string replaced_;
};

}  // namespace

Status CollectJsonIds(std::string_view text, const std::function<void(std::string_view)>& sink) {
  const CollectingDirectory directory(sink);
  const ReidentifyOptions options;
  IdentityRewriter rewriter(directory, options);
  std::string unused;
  return RewriteDocuments(text, /*keep_unchanged=*/false, &rewriter, &unused);
}

Result<std::string> ReidentifyJson(std::string_view text, const IdentityDirectory& directory,
                                   const ReidentifyOptions& options, ReidentifyCounts* counts) {
  IdentityRewriter rewriter(directory, options);
  std::string out;
  MONIKER_RETURN_IF_ERROR(RewriteDocuments(text, /*keep_unchanged=*/true, &rewriter, &out));
  if (counts != nullptr) *counts = rewriter.counts();
  return out;
}

Status CollectCsvIds(std::string_view text, CsvDialect dialect,
                     const std::function<void(std::string_view)>& sink) {
  const CollectingDirectory directory(sink);
  return ReidentifyCsv(text, dialect, directory, {}, nullptr).status();
}

Result<std::string> ReidentifyCsv(std::string_view text, CsvDialect dialect,
                                  const IdentityDirectory& directory,
                                  const ReidentifyOptions& options, ReidentifyCounts* counts) {
  MONIKER_ASSIGN_OR_RETURN(const CsvDocument document, CsvDocument::Parse(text, dialect));
  IdentityRewriter rewriter(directory, options);
  CsvRewriter out(&document);
  MONIKER_RETURN_IF_ERROR(RecordWalk(&document, &rewriter, &out).Run());
  if (counts != nullptr) *counts = rewriter.counts();
  return out.Write();
}

}  // namespace moniker
