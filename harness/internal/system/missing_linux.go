package system

// LinuxMissing says why this is not Linux. It is empty on Linux.
const LinuxMissing = ""
