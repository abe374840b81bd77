package exercise

// ReadTable lets the grader set the function that SocketTable calls.
var ReadTable = &readTable
