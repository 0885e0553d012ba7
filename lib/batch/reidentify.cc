#include "moniker/reidentify.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "batch/id_questions.h"
#include "batch/identity_job.h"
#include "batch/rewrite_options.h"
#include "batch/rewrite_run.h"

namespace moniker {
namespace {

using internal::IdentityRewriter;

constexpr std::size_t kLongestFileName = 255;

bool CanBeInFileName(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '/' || byte < 0x20 || byte == 0x7F;
  });
}

// The name with all IDs that the rewriter's directory knows replaced. What is before the first full
// stop may be an ID that is not shaped as those of Moniker.
Result<bool> RewriteName(std::string_view name, IdentityRewriter* rewriter, std::string* out) {
  const std::string_view stem = name.substr(0, name.find('.'));
  const KnownIdentity* const known = rewriter->Find(stem);
  if (known == nullptr) return rewriter->RewriteKey(name, nullptr, out);
  MONIKER_ASSIGN_OR_RETURN(const bool changed, rewriter->RewriteKey(stem, known, out));
  if (changed) out->append(name.substr(stem.size()));
  return changed;
}

}  // namespace

Result<ReidentifyOutcome> Reidentify(int input, const RewriteOptions& options,
                                     const ReidentifyOptions& rules,
                                     const IdentitySourceFactory& sources,
                                     const RewriteSinks& sinks) {
  MONIKER_RETURN_IF_ERROR(internal::CheckRewriteOptions(options));
  internal::IdentityJob job(options, rules, sources);
  MONIKER_ASSIGN_OR_RETURN(RewriteOutcome outcome,
                           internal::RewriteRun(input, options, sinks, &job).Run());
  return ReidentifyOutcome{std::move(outcome.summary), job.counts(), std::move(outcome.fault)};
}

Result<std::optional<std::string>> ReidentifyFileName(std::string_view name,
                                                      const ReidentifyOptions& rules,
                                                      IdentitySource* source) {
  if (rules.participants == ParticipantPolicy::kKeep) return std::optional<std::string>();
  ReidentifyOptions unmarked = rules;
  unmarked.unknown_mark.clear();
  internal::IdQuestions questions;
  internal::CollectingDirectory collecting(&questions);
  IdentityRewriter collector(&collecting, unmarked);
  std::string renamed;
  MONIKER_RETURN_IF_ERROR(RewriteName(name, &collector, &renamed).status());
  MONIKER_RETURN_IF_ERROR(questions.Ask(source));
  internal::AnsweringDirectory answering(&questions);
  IdentityRewriter rewriter(&answering, unmarked);
  MONIKER_ASSIGN_OR_RETURN(const bool changed, RewriteName(name, &rewriter, &renamed));
  if (!changed) return std::optional<std::string>();
  if (!CanBeInFileName(renamed) || renamed.size() > kLongestFileName || renamed.front() == '.') {
    return Status(StatusCode::kInvalidArgument,
                  "what takes the place of an ID cannot be in the name of a file");
  }
  return std::optional(std::move(renamed));
}

}  // namespace moniker
