package exercise

// Call is what the client was doing when it got an error.
type Call string

const (
	Connect Call = "connect" // nothing was sent yet
	Send    Call = "send"    // of an order, or of a part of it
	Receive Call = "receive" // of the answer, which says whether the order was carried out
)

// Step is what the client does next.
type Step string

const (
	// GoOn with the next thing to do: the call has succeeded.
	GoOn Step = "go on"
	// CallAgain on the same connection, which can still be used: send the rest, or receive what is still to come.
	CallAgain Step = "call again"
	// ConnectLater, and then send the order: the server has received nothing of the order, and may be reachable later.
	ConnectLater Step = "connect later"
	// AskFirst: the connection can't be used any more, and the order may or may not have been carried out. The
	// client connects again, and asks what became of the order before it sends it again.
	AskFirst Step = "ask first"
	// Stop, and say nothing: the program itself has ended the call.
	Stop Step = "stop"
	// Report the error to the people who run the client: it is not a failure of the server or of the network.
	Report Step = "report"
)
