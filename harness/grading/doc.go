// Package grading supports the graders. A grader is a test that runs a student's code against the peers of
// the harness.
//
// # Two processes
//
// The student's code runs in a process of its own, which the grader starts. Peers, clocks, scripts, expected values and the
// verdict are in the grader's process. Whatever the student's process sends, the grader treats it as the result of a call
// that the grader made, never as a verdict. "go test" compiles the test package once, and runs both processes from the same binary. "labs
// grade" compiles the package twice. It compiles the grader's binary with the original exercise.go, which no student has
// edited, so that no student's code runs in the grader's process. Only "labs grade" gives points: under "go test", the
// student's init functions and the initialization of package variables run in the grader's process, too.
//
// The two processes talk over the standard input and output of the student's process. Each can call the other, with many
// calls in flight concurrently. Package student has this channel, and starts the student's process. What the student's
// code prints goes to standard error, which the grader keeps. A grader recognizes and describes a panic, an exit, a stack
// overflow, a kill, running out of memory, endless output, and a call that hangs. It names the line of exercise.go, if there is
// one.
//
// If code has passed, and could have a data race, "labs grade" grades it a second time, with Go's race detector in the
// student's process only. In this second run, only a data race between two lines of exercise.go counts. It violates the
// sentence no-race, which every task has.
//
// # An exercise
//
// An exercise consists of
//
//   - labNN_x/exercise/exercise.go, the only file that the student edits: the task above a function or a type, and
//     function bodies that say panic(notBegun). The task is a list of sentences, each with a name (no-race is one): see package task. The
//     variable notBegun is in begin.go, because it needs an import: exercise.go imports only what the student chooses;
//
//   - labNN_x/exercise/driver_test.go, package exercise_test: all code that calls the student's code. [Export] makes a
//     function of the driver callable by the grader. Only the driver may call functions of package exercise; other files
//     may use its types and constants;
//
//   - labNN_x/exercise/*_test.go: one grader for each exercise. The grader of SendAll is TestSendAll. Its comment
//     has everything that the labs command knows about the exercise, except the task;
//
//   - labs/internal/solutions/testdata/labNN_x/SendAll/model.go, the model solution: everything that exercise.go
//     has for this exercise, and the imports. The model solutions of a lab together replace exercise.go, so the names
//     of helpers begin with the name of the exercise (sendAllRest);
//
//   - right_*.go beside it: at least two other right solutions, which solve it in different ways;
//
//   - mistakes.txt beside it: at least one wrong solution for every sentence, written as replacements of lines of the
//     model. Each says what is wrong, which words the grader's report must have, and which sentence the mistake violates.
//
// The comment of a grader begins with one sentence that says what correct code does. The line "Read" lists the experiments that the student
// should read:
//
//	// TestSendAll: everything is sent, even to a peer that takes its time.
//	//
//	// Points: 10
//	// Read: TestTimedOutWriteCanBeResumed, lab02_reuseaddr/TestX
//	// Hint: the first hint.
//	// Hint: the next, which says more.
//
// # A grader
//
// A grader begins with [Start]. [Grader.Call] or [Grader.Go] runs a function that calls the driver ([Func.On]), and
// [Grader.Expect] judges the result. A grader logs its steps as an experiment does. A [Finding] reports what is wrong:
// the sentence of the task that it violates, the mistake, in words that the labs use, what was expected, what was seen, and
// which experiment to read. It never tells the solution. A grader checks only what the task says. Values vary from run to
// run ([Between], [Text], [NewData]), so that an answer copied from one run is wrong in the next. A grader makes every call
// twice in the same student's process, because the first call may leave something behind that disturbs the second one. An early result
// is always a mistake. A late result proves nothing on a busy machine, so an upper bound is checked over many attempts: at
// least one must stay within it.
//
// Connections are real connections with one end in the student's process ([Grader.Dial]), or a net.Conn that plays a
// script in the grader's process ([Grader.Script]). Every grading ends with [Grader.ExpectNothingLeft], which finds what a call has left
// behind.
//
// Points depend on the graders, so the labs command compares the graders' checksums with labs/internal/catalog/exercises.sum. After a
// change of a grader or a task, run "make generate". labs/internal/solutions tests the graders.
package grading
