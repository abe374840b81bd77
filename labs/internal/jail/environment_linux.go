package jail

import "os"

// workingFolder is the program's working folder. Within walls, it is the only folder that the program may write to.
var workingFolder = os.TempDir()

// environment is the program's environment. It tells nothing about the person who grades.
func (p Plan) environment() []string {
	env := []string{"PATH=/usr/bin:/bin", "HOME=" + workingFolder, "TMPDIR=" + workingFolder, "LANG=C.UTF-8"}
	for _, name := range p.Keep {
		if value, isSet := os.LookupEnv(name); isSet {
			env = append(env, name+"="+value)
		}
	}
	return env
}
