// The names that SDKs give the members of a session identity, so that any of their structs can be
// filled without their headers. An implementation detail of SessionIdentity::As; not an interface.

#ifndef MONIKER_MEMBER_SPELLINGS_H_
#define MONIKER_MEMBER_SPELLINGS_H_

#include <string>
#include <type_traits>

namespace moniker::internal {

// A member that owns its text: std::string, std::optional<std::string> and the like. What can be
// copied as bytes cannot own it: a pointer, a view (also in an optional) would outlive what it
// points to, and a number is some other ID.
template <typename Member>
concept OwnsText = std::is_assignable_v<Member, const std::string&> &&
    !std::is_trivially_copyable_v<std::remove_cvref_t<Member>>;

// One name: member::spelling::Of(t) is t.spelling where that exists and owns its text.
#define MONIKER_MEMBER_(spelling)                                               \
  struct spelling {                                                             \
    template <typename T>                                                       \
    static auto& Of(T& target) requires OwnsText<decltype((target.spelling))> { \
      return target.spelling;                                                   \
    }                                                                           \
  };

namespace member {
MONIKER_MEMBER_(externalId)
MONIKER_MEMBER_(external_id)
MONIKER_MEMBER_(externalID)
MONIKER_MEMBER_(ExternalId)
MONIKER_MEMBER_(ExternalID)
MONIKER_MEMBER_(ExternalUserId)
MONIKER_MEMBER_(identity)
MONIKER_MEMBER_(userAccount)
MONIKER_MEMBER_(user_key)
MONIKER_MEMBER_(uid)
MONIKER_MEMBER_(user_id)
MONIKER_MEMBER_(userId)
MONIKER_MEMBER_(userID)
MONIKER_MEMBER_(id)
MONIKER_MEMBER_(name)
MONIKER_MEMBER_(Name)
MONIKER_MEMBER_(user_name)
MONIKER_MEMBER_(userName)
MONIKER_MEMBER_(display_name)
MONIKER_MEMBER_(displayName)
MONIKER_MEMBER_(displayname)
MONIKER_MEMBER_(nickname)
MONIKER_MEMBER_(nickName)
MONIKER_MEMBER_(avatarUrl)
MONIKER_MEMBER_(avatar_url)
MONIKER_MEMBER_(avatarURL)
MONIKER_MEMBER_(AvatarUrl)
MONIKER_MEMBER_(AvatarURL)
MONIKER_MEMBER_(avatar)
MONIKER_MEMBER_(image)
MONIKER_MEMBER_(profile_url)
}  // namespace member

#undef MONIKER_MEMBER_

template <typename... Members>
struct Spellings {
  template <typename Member, typename T>
  static constexpr bool kHas = requires(T& target) {
    Member::Of(target);
  };

  // Whether T has a member of one of these names.
  template <typename T>
  static constexpr bool kIn = (kHas<Members, T> || ...);

  // Assigns to every such member.
  template <typename T>
  static void Assign(T& target, const std::string& text) {
    (AssignOne<Members>(target, text), ...);
  }

 private:
  template <typename Member, typename T>
  static void AssignOne(T& target, const std::string& text) {
    if constexpr (kHas<Member, T>) Member::Of(target) = text;
  }
};

using ExternalIdSpellings =
    Spellings<member::externalId, member::external_id, member::externalID, member::ExternalId,
              member::ExternalID, member::ExternalUserId, member::identity, member::userAccount,
              member::user_key, member::uid>;

// Beside one of the above these are the platform's own ID of a participant; alone they are ours.
using UserIdSpellings = Spellings<member::user_id, member::userId, member::userID, member::id>;

using DisplayNameSpellings =
    Spellings<member::name, member::Name, member::user_name, member::userName, member::display_name,
              member::displayName, member::displayname, member::nickname, member::nickName>;

using AvatarUrlSpellings =
    Spellings<member::avatarUrl, member::avatar_url, member::avatarURL, member::AvatarUrl,
              member::AvatarURL, member::avatar, member::image, member::profile_url>;

}  // namespace moniker::internal

#endif  // MONIKER_MEMBER_SPELLINGS_H_
