// What may be sent to a platform for one person: external ID, display name, avatar URL. Only an
// IdentityGate makes one, after the mapping is durable; nothing in it is personal.
//
// Thread safety: a value; const members may be called from any thread.

#ifndef MONIKER_SESSION_IDENTITY_H_
#define MONIKER_SESSION_IDENTITY_H_

#include <string>

#include "moniker/label.h"
#include "moniker/member_spellings.h"
#include "moniker/pseudonym.h"

namespace moniker {

class SessionIdentity {
 public:
  // In the rendering that the gate's platform takes; empty if the platform makes the ID itself.
  const std::string& external_id() const { return external_id_; }

  // 1..64 bytes of printable ASCII.
  const std::string& display_name() const { return display_name_; }

  // Empty if there is no template, or the platform has no such field.
  const std::string& avatar_url() const { return avatar_url_; }

  // Sealed metadata for the platform's own field; empty unless the gate has metadata and the
  // platform such a field. (Else it is part of external_id().)
  const std::string& metadata() const { return metadata_; }

  const Pseudonym& pseudonym() const { return pseudonym_; }

  // What the display name ends with.
  const Label& label() const { return label_; }

  // A T with its members filled by their names, in every spelling that SDKs use (externalId,
  // external_id, ExternalId; name, Name, userName; avatarUrl, avatarURL, ...); the others as T{}
  // leaves them, and so is the avatar if there is none. By name, because the SDKs' argument orders
  // differ and all arguments are strings. Does not compile unless T has an external ID and a name
  // that own their text.
  template <typename T>
  T As() const {
    constexpr bool kHasExternalId = internal::ExternalIdSpellings::kIn<T>;
    static_assert(kHasExternalId || internal::UserIdSpellings::kIn<T>,
                  "T has no member for the external ID");
    static_assert(internal::DisplayNameSpellings::kIn<T>, "T has no member for the display name");
    T target{};
    if constexpr (kHasExternalId) {
      internal::ExternalIdSpellings::Assign(target, external_id_);
    } else {
      internal::UserIdSpellings::Assign(target, external_id_);
    }
    internal::DisplayNameSpellings::Assign(target, display_name_);
    if (!avatar_url_.empty()) internal::AvatarUrlSpellings::Assign(target, avatar_url_);
    return target;
  }

 private:
  friend class IdentityGate;
  SessionIdentity(const Pseudonym& pseudonym, const Label& label)
      : pseudonym_(pseudonym), label_(label) {}

  Pseudonym pseudonym_;
  Label label_;
  std::string external_id_;
  std::string display_name_;
  std::string avatar_url_;
  std::string metadata_;
};

}  // namespace moniker

#endif  // MONIKER_SESSION_IDENTITY_H_
