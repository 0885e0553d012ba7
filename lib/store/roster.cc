#include "store/roster.h"

#include "base/status_macros.h"
#include "store/payload.h"

namespace moniker::internal {

Result<Label> TakeLabel(std::string_view conference, const Pseudonym& pseudonym, LabelStyle style,
                        WorkingSet* set) {
  const Uuid::Bytes owner = pseudonym.uuid().bytes();
  Label label = Label::Of(pseudonym.digest(), style);
  for (std::uint32_t tried = 0; tried < Label::Count(style); ++tried, label = label.Next()) {
    MONIKER_ASSIGN_OR_RETURN(const TagSet tags, set->keys().tags().OfLabel(conference, label));
    MONIKER_ASSIGN_OR_RETURN(WorkingSet::Entry* const entry, set->Find(Table::kRoster, tags));
    if (entry->exists()) {
      MONIKER_ASSIGN_OR_RETURN(const Uuid::Bytes taken_by, DecodeRosterEntry(entry->payload()));
      if (taken_by == owner) return label;
      continue;
    }
    MONIKER_ASSIGN_OR_RETURN(SecretBytes payload, EncodeRosterEntry(owner));
    set->Put(entry, std::move(payload));
    return label;
  }
  return Status(StatusCode::kExhausted, "all labels of the conference are taken");
}

}  // namespace moniker::internal
