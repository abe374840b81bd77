package exam

import (
	"fmt"

	"socketlabs/harness/story"
	"socketlabs/labs/internal/classbook"
	"socketlabs/labs/internal/term"
)

// printClass prints a line for each student, and the mistakes that several have made.
func printClass(s *term.Screen, class *classbook.Class) {
	width := s.Width()
	for _, student := range class.Students {
		earned, points := student.Total()
		fmt.Fprintln(s, term.Spread(term.Bold.Render(student.Student), fmt.Sprintf("%d of %s", earned, story.Count(points, "point")), width))
		for _, note := range student.Notes {
			fmt.Fprintln(s, term.Hang("  ", note, width))
		}
	}
	if shared := class.Shared(); len(shared) > 0 {
		fmt.Fprintf(s, "\n%s\n", term.Bold.Render("Mistakes that the class shares"))
		for _, m := range shared {
			fmt.Fprintln(s, term.Hang(fmt.Sprintf("%4d  ", len(m.Students)), m.Exercise+": "+m.Mistake, width))
		}
	}
	fmt.Fprintf(s, "\n%s, in %s\n", story.Count(len(class.Students), "student"), story.Tenths(class.Took))
}
