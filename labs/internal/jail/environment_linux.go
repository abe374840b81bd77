package jail

import "os"

// workingFolder is where the program begins. Within walls it may write there, and nowhere else.
var workingFolder = os.TempDir()

// environment is that of the program. It says nothing of the one who grades.
func (p Plan) environment() []string {
	env := []string{"PATH=/usr/bin:/bin", "HOME=" + workingFolder, "TMPDIR=" + workingFolder, "LANG=C.UTF-8"}
	for _, name := range p.Keep {
		if value, isSet := os.LookupEnv(name); isSet {
			env = append(env, name+"="+value)
		}
	}
	return env
}
