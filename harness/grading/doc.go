// Package grading supports the graders. A grader is a test that runs a student's code against the peers of
// the harness.
//
// # Two processes
//
// The student's code has a process of its own, which the grader starts. Peers, clocks, scripts, expected values and the
// verdict are in the grader's process. What the student's process says counts as the answer to a call, and as nothing
// else. The test package is compiled once or twice: "go test" has one binary, which is both processes; "labs grade" has
// two, and the grader's is compiled with the project's own exercise.go, so that no code of the student's runs in it. Only "labs
// grade" gives points: under "go test", the student's init and variables run in the grader's process, too.
//
// The two talk over the standard input and output of the student's process: each calls the other, many times at once.
// Package student has that channel, and the process. What the student's code prints goes to standard error, which the
// grader keeps. A panic, an exit, a stack overflow, a kill, a lack of memory, endless output and a call that hangs are
// each recognized and described, with a line of exercise.go where there is one.
//
// # An exercise
//
// An exercise consists of
//
//   - labNN_x/exercise/exercise.go, the one file that the student edits: the task above a function or a type, and bodies
//     that say panic(notBegun). The task is a list of sentences, each with a name: see package task. The variable notBegun is
//     in begin.go, so that the student's imports are the student's own;
//
//   - labNN_x/exercise/driver_test.go, package exercise_test: all that calls the student's code. [Export] makes a function
//     of it callable by the grader. Nothing else in the folder may call package exercise, but all may use its types and constants;
//
//   - labNN_x/exercise/*_test.go: one grader for each exercise. The grader of SendAll is TestSendAll, and its comment
//     has all that the command labs knows of the exercise, except the task:
//
//     // TestSendAll: everything is sent, even to a peer that takes its time.
//     //
//     // Points: 10
//     // Read: TestTimedOutWriteCanBeResumed, lab02_reuseaddr/TestX
//     // Hint: the first hint.
//     // Hint: the next, which says more.
//
//     Its title is one sentence that says what the code does when it is right. Read names experiments;
//
//   - labs/internal/solutions/testdata/labNN_x/SendAll/model.go, the model solution: all of what exercise.go
//     has for this exercise, and its imports. The files of a lab's exercises are put together in place of
//     exercise.go, so the names of helpers begin with that of the exercise (sendAllRest);
//
//   - right_*.go beside it: at least two right solutions that go about it in other ways;
//
//   - mistakes.txt beside it: at least one wrong solution for every sentence, as lines of the model that are replaced.
//     Each says what is wrong, words that the grader must say, and the sentence that it breaks.
//
// # A grader
//
// A grader begins with [Start]; [Grader.Call] or [Grader.Go] run a function that calls the driver ([Func.On]);
// [Grader.Expect] judges. The steps are told as those of an experiment are. A [Finding] reports what is wrong: the
// sentence of the task that is broken, the mistake in the words of the labs, what was expected and seen, and
// which experiment to read; never the solution. What the task doesn't say is not graded. Values vary from run to run
// ([Between], [Text], [NewData]), so that an answer that was written down for one run is wrong in the next, and
// everything is done twice in one process. To be early is always a mistake. A busy machine may be late, which says
// nothing: of an upper bound, at least one of many attempts has to stay within it.
//
// Connections are real ones with one end in the student's process ([Grader.Dial]), or any net.Conn of the grader's own
// ([Grader.Script]). What a call leaves behind is seen by [Grader.ExpectNothingLeft], which every grading ends with.
//
// Points depend on the graders, so the command compares them with labs/internal/catalog/exercises.sum: after a
// change of a grader or a task, "make generate". The test of the graders is labs/internal/solutions.
package grading
