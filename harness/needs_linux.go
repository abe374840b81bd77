package harness

const linuxMissing = ""
