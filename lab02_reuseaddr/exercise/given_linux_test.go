package exercise

// ReadTable is what SocketTable reads.
var ReadTable = &readTable
