// Package grading is what a grader stands on: a test that runs a student's code against the peers of
// the harness.
//
// An exercise consists of
//
//   - labNN_x/exercise/exercise.go, the one file that the student edits: the task in plain words above
//     a function or a type, and bodies that say panic(notBegun). That variable stands in begin.go, so
//     that the student's imports are the student's own;
//
//   - labNN_x/exercise/*_test.go, package exercise_test: one grader for each exercise. The grader of
//     SendAll is TestSendAll, and all that the command labs knows of the exercise stands in its comment:
//
//     // TestSendAll: everything is sent, also to a peer that takes its time.
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
//     exercise.go, so what they declare beside the exercise is named after it (sendAllRest);
//
//   - mistakes.txt beside it: at least five wrong solutions, each a mistake that people make, as lines of the
//     model that are replaced. Each says what is wrong, and words that the grader must say.
//
// A grader begins with [Start]; [Grader.Call] or [Grader.Go] run the student's code; [Grader.Expect]
// judges. The steps are told as those of an experiment are. What is not as it should be, a [Finding]
// says: the mistake in the words of the labs, what was expected and seen, and which experiment to read;
// never the solution. Values vary from run to run ([Between], [Text]), so that an answer that was
// written down for one run is wrong in the next. Code that leaves goroutines behind is rejected by itself;
// sockets and child processes, where the exercise has its process to itself, as the command grades it.
//
// Points hang on the graders, so the command compares them with labs/internal/catalog/exercises.sum: after a
// change of a grader, "make generate". The test of the graders is labs/internal/solutions.
package grading
