package kernel

import "socketlabs/harness"

// What experiments may need from the kernel.
var (
	SocketTable = harness.Need{
		Name: "SocketTable", Says: "the kernel lets us look at its table of sockets",
		Missing: socketTableMissing,
	}
	SystemSettings = harness.Need{
		Name: "SystemSettings", Says: "the system-wide settings are the private loopback's, and can be changed",
		Missing: systemSettingsMissing,
	}
	KeepaliveReadBack = harness.Need{
		Name: "KeepaliveReadBack", Says: "a connection's keepalive options can be read back",
		Missing: func() string { return keepaliveMissing },
	}
	PortRanges = harness.Need{
		Name: "PortRanges", Says: "a socket can have a range of its own for the local port that the kernel chooses",
		Missing: portRangesMissing,
	}
	ReuseDelay = harness.Need{
		Name: "ReuseDelay", Says: "the kernel lets us set how soon connect can reuse the port of a connection in TIME_WAIT",
		Missing: reuseDelayMissing,
	}

	MultipathTCP = harness.Need{
		Name: "MultipathTCP", Says: "the kernel speaks Multipath TCP",
		Missing: multipathMissing,
	}
	LongestRetransmission = harness.Need{
		Name: "LongestRetransmission", Says: "a socket can limit how long it waits between two retransmissions",
		Missing: longestRetransmissionMissing,
	}
	AnotherUser = harness.Need{
		Name: "AnotherUser", Says: "this process can open a socket as another user",
		Missing: anotherUserMissing,
	}

	Proc = harness.Need{
		Name: "Proc", Says: "/proc is mounted: the system-wide settings, and the descriptors of this process, can be read",
		Missing: procMissing,
	}

	Needs = []harness.Need{
		SocketTable, SystemSettings, KeepaliveReadBack, PortRanges, ReuseDelay, MultipathTCP, LongestRetransmission,
		AnotherUser, Proc,
	}
)
