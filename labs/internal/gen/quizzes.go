package main

import (
	"fmt"
	"slices"
	"strings"

	"socketlabs/labs/internal/catalog"
	"socketlabs/labs/internal/quiz"
)

// quizzes are the stories of the experiments that quizzes are made from.
func (p *project) quizzes() (files []file, err error) {
	for lab, tests := range quiz.Told {
		for _, test := range tests {
			name := quiz.Folder + "/" + quiz.File(lab, test)
			text := p.old(name)
			at := slices.IndexFunc(p.experiments, func(e catalog.Experiment) bool { return e.Lab == lab && e.Test == test })
			if at < 0 {
				return nil, fmt.Errorf("a quiz is drawn from %s/%s, and there is no such experiment", lab, test)
			}
			if e := p.experiments[at]; p.run != nil && (text == "" || p.tellsAnew(e)) {
				var b strings.Builder
				if err := p.run.stories[e.Name()][0].WriteJSON(&b); err != nil {
					return nil, err
				}
				text = b.String()
			}
			files = append(files, file{name, text})
		}
	}
	return files, nil
}
