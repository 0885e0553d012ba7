// What the program does with its process before it reads anything personal.

#ifndef MONIKER_TOOLS_MONIKER_PROCESS_H_
#define MONIKER_TOOLS_MONIKER_PROCESS_H_

namespace moniker::tool {

// Opens what is closed of standard input, output and error, so that no other file gets their
// numbers; in the direction in which they are not used, so that using them fails as before.
void ReserveStandardStreams();

// No core file, no memory in a core that somebody else takes (gcore), no attaching by other
// programs of the same user. What cannot be had is left: none of it is what secrecy rests on.
void HardenProcess();

}  // namespace moniker::tool

#endif  // MONIKER_TOOLS_MONIKER_PROCESS_H_
