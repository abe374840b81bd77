package harness

// privateLoopbackMissing says why this process is not in a network namespace of its own.
func privateLoopbackMissing() string {
	switch {
	case onPrivateLoopback():
		return ""
	case setting("LABS_SANDBOX") == "off":
		return "LABS_SANDBOX=off asks for the machine's own loopback; leave it out"
	default:
		return "this user may not make namespaces here; run it as root, or allow user namespaces " +
			"(kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu)"
	}
}
